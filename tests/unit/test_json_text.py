"""JSON texts in bulk are those of the standard library."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from postroom.kernel.json_text import writer

VALUES: list[Any] = [
    None,
    True,
    "plain",
    'Åsa "Holm"\n\\ \u2028 \x00',
    0,
    -7,
    10**20,
    1.5,
    -0.0,
    1e300,
    [],
    {},
    [1, [2, {"b": [None, False]}], "x"],
    {"b": 1, "a": {"d": "é", "c": [1.25]}, "1": None},
]


@pytest.mark.parametrize("sort_keys", [False, True])
@pytest.mark.parametrize("ensure_ascii", [False, True])
@pytest.mark.parametrize("compact", [False, True])
def test_texts_are_those_of_the_standard_library(sort_keys: bool, ensure_ascii: bool, compact: bool) -> None:
    # given a writer, when it writes what JSON can hold
    write = writer(sort_keys=sort_keys, ensure_ascii=ensure_ascii, compact=compact)
    separators = (",", ":") if compact else None
    for value in [*VALUES, VALUES, {"all": VALUES}]:
        # then it is what json.dumps writes, also the second time
        expected = json.dumps(value, sort_keys=sort_keys, ensure_ascii=ensure_ascii, separators=separators)
        assert write(value) == write(value) == expected


def test_what_json_cannot_hold_is_refused_and_the_next_value_is_not() -> None:
    write = writer()
    for wrong in (float("nan"), float("inf"), Decimal("1.5"), {1, 2}, {"a": [object()]}, {(1, 2): 3}):
        with pytest.raises((TypeError, ValueError)):
            write(wrong)
        assert write({"a": 1}) == '{"a":1}'
    # given data that contains itself, then it is refused too
    own: list[Any] = []
    own.append(own)
    with pytest.raises(RecursionError):
        write(own)
    assert write(["fine"]) == '["fine"]'


def test_a_default_is_asked_for_what_is_not_plain() -> None:
    write = writer(default=str)
    assert write([Decimal("12.50")]) == '["12.50"]'
