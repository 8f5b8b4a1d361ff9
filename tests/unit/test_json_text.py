"""JSON texts in bulk are those of the standard library."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.kernel.json_text import reader, writer
from postroom.kernel.quick_json import quick

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


PLAIN = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(codec="utf-8")) | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(PLAIN)
def test_the_quick_way_writes_what_the_writer_writes_or_leaves_it_to_it(value: Any) -> None:
    written = quick(value)
    if written is None:  # only for a number beyond 64 bits
        assert any(abs(int(word)) >= 2**63 for word in re.findall(r"-?\d{19,}", writer()(value)))
    else:
        assert written.decode() == writer()(value)


@pytest.mark.parametrize("value", [1.5, float("nan"), Decimal("1.5"), (1,), {"a": [b"x"]}, [2**63], {"a": {1.0, 2.0}}])
def test_the_quick_way_keeps_off_what_is_not_plain(value: Any) -> None:
    assert quick(value) is None


def test_a_reader_reads_what_the_standard_library_reads_and_refuses_what_it_refuses() -> None:
    read = reader(parse_float=Decimal)
    for text in ['{"a":[1.50,-2,null,true,"\\u00e9"]}', " [1] \n", "0.10", '""', "[]"]:
        assert read(text) == json.loads(text, parse_float=Decimal)
    for wrong in ("", " ", "{", "[1,]", "[1] 2", "nul", "\ufeff[]", '{"a" 1}'):
        with pytest.raises(json.JSONDecodeError):
            read(wrong)
