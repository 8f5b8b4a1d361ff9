"""No float passes the door of the rules, in either direction (P9)."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.rules.door import FloatAtTheDoor, NotForRules, pass_in, pass_out


def test_p9_decimal_goes_in_as_its_exact_text() -> None:
    given_ = {"a": Decimal("12.50"), "b": Decimal("1E+3"), "c": 7, "d": dt.date(2026, 11, 12), "e": True, "f": None}
    assert json.loads(pass_in(given_)) == {"a": "12.50", "b": "1000", "c": 7, "d": "2026-11-12", "e": True, "f": None}


@pytest.mark.parametrize("value", [0.1, 12.5, 1e300, float("nan"), float("inf"), 2.0**60])
def test_p9_planted_float_is_refused_with_its_path(value: float) -> None:
    with pytest.raises(FloatAtTheDoor) as refused:
        pass_in({"lines": [{"price": "1.10"}, {"price": value}]})
    assert refused.value.context["where"] == "lines[2].price"
    assert refused.value.hint


def test_p9_a_whole_float_is_a_whole_number_but_never_money() -> None:
    assert json.loads(pass_in({"lines": [{"n": 2.0}]})) == {"lines": [{"n": 2}]}
    with pytest.raises(FloatAtTheDoor, match="it is money"):
        pass_in({"lines": [{"n": 2.0}]}, ["lines[].n"])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
        max_leaves=10,
    )
)
def test_p9_whatever_gets_in_holds_no_float(value: Any) -> None:
    try:
        passed = pass_in(value)
    except (FloatAtTheDoor, NotForRules):
        return

    def no_float(text: str) -> Any:
        raise AssertionError(text)

    json.loads(passed, parse_float=no_float, parse_constant=no_float)


@pytest.mark.parametrize("value", [object(), b"x", Decimal("NaN"), Decimal("1E+999999"), {1, 2}, 2**64, "\ud800"])
def test_what_has_no_plain_form_is_refused(value: object) -> None:
    with pytest.raises(NotForRules):
        pass_in({"a": [value]})


def test_the_path_of_a_foreign_value_is_named() -> None:
    with pytest.raises(NotForRules) as refused:
        pass_in({"a": [1, {"b": object()}]})
    assert refused.value.context["where"] == "a[2].b"


def test_p9_out_of_the_door_whole_numbers_are_whole_and_others_are_named() -> None:
    assert pass_out({"a": [5.0, "5.0"], "b": -0.0}, "outputs") == {"a": [5, "5.0"], "b": 0}
    for bad in (0.5, 2.0**53, float("nan")):
        with pytest.raises(FloatAtTheDoor, match=r"outputs\.a\[2\]"):
            pass_out({"a": [1.0, bad]}, "outputs")
