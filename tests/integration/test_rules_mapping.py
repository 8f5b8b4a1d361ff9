"""Mapping files compiled and run in a real cell with the real zen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroom.rules import Evaluator, MapFault, Mapped, Mapping, MappingRefused, compile_mapping, map_records
from postroom.rules.tokens import CLOSURES, FUNCTIONS

MONEY = {"type": "string", "x-format": "money"}
TEXT = {"type": "string"}
CONTRACT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["number", "customer", "currency", "lines"],
    "properties": {
        "number": TEXT,
        "issued_on": {"type": "string", "x-format": "date"},
        "currency": TEXT,
        "note": TEXT,
        "count": {"type": "integer"},
        "customer": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": TEXT, "email": TEXT, "country": {"$ref": "#/$defs/country"}},
        },
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["text", "unit_price"],
                "properties": {"text": TEXT, "quantity": {"type": "integer"}, "unit_price": MONEY},
            },
        },
        "totals": {"type": "object", "properties": {"gross": MONEY}},
    },
    "$defs": {"country": {"type": "string", "x-format": "country"}},
}
FILE = """\
mapping: 1
template: invoice
fields:
  number: "'R-' + string(id)"
  issued_on: {from: "d(day).format('%Y-%m-%d')", optional: true}
  customer.name: "company ?? (first + ' ' + last)"
  customer.email: mail
  customer.country: {from: country, lookup: countries}
  lines:
    each: lines
    fields:
      text: "what + ' (' + record.country + ')'"
      quantity: quantity
      unit_price: price
  totals.gross: total
constants: {currency: EUR}
lookups:
  countries: {Germany: DE, Norway: NO}
"""
RECORD: dict[str, Any] = {
    "id": 7,
    "day": "2026-11-12",
    "company": None,
    "first": "Åse",
    "last": "Lund",
    "mail": None,
    "country": "Norway",
    "total": Decimal("12.50"),
    "lines": [{"what": "Lamp", "quantity": 2, "price": Decimal("6.250")}],
}


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Evaluator]:
    with Evaluator(deadline=2.0) as evaluator:
        yield evaluator


@pytest.fixture(scope="module")
def mapping(evaluator: Evaluator) -> Mapping:
    return compile_mapping(FILE, contract=CONTRACT, evaluator=evaluator)


def refused(text: str, evaluator: Evaluator) -> str:
    with pytest.raises(MappingRefused) as error:
        compile_mapping(text, contract=CONTRACT, evaluator=evaluator)
    assert error.value.hint
    return error.value.message


def fault(mapping: Mapping, evaluator: Evaluator, **changes: Any) -> MapFault:
    (result,) = map_records(mapping, [RECORD | changes], evaluator=evaluator)
    assert isinstance(result, MapFault), result
    return result


def test_a_record_takes_the_shape_of_the_contract(mapping: Mapping, evaluator: Evaluator) -> None:
    (result,) = map_records(mapping, [RECORD], evaluator=evaluator)
    assert result == Mapped(
        {
            "currency": "EUR",
            "number": "R-7",
            "issued_on": "2026-11-12",
            "customer": {"name": "Åse Lund", "country": "NO"},  # no e-mail in the source: left out
            "lines": [{"text": "Lamp (Norway)", "quantity": 2, "unit_price": "6.250"}],
            "totals": {"gross": "12.50"},
        }
    )


@settings(max_examples=60, deadline=None)
@given(
    amounts=st.lists(st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", fullmatch=True), min_size=1, max_size=8),
)
def test_p9_money_passes_unchanged_byte_for_byte(mapping: Mapping, evaluator: Evaluator, amounts: list[str]) -> None:
    lines = [{"what": "x", "price": amount} for amount in amounts]
    (result,) = map_records(mapping, [RECORD | {"lines": lines, "total": amounts[0]}], evaluator=evaluator)
    assert isinstance(result, Mapped)
    assert [row["unit_price"] for row in result.result["lines"]] == amounts
    assert result.result["totals"]["gross"] == amounts[0]


@settings(max_examples=30, deadline=None)
@given(amount=st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_p9_a_decimal_keeps_its_value_and_its_digits(mapping: Mapping, evaluator: Evaluator, amount: Decimal) -> None:
    (result,) = map_records(mapping, [RECORD | {"total": amount}], evaluator=evaluator)
    assert isinstance(result, Mapped)
    assert result.result["totals"]["gross"] == f"{amount:f}"


@pytest.mark.parametrize("total", [12.5, 12.0])
def test_p9_planted_float_in_a_money_field_is_stopped_at_the_door(
    mapping: Mapping, evaluator: Evaluator, total: float
) -> None:
    found = fault(mapping, evaluator, total=total)
    assert found.path == "total"
    assert "money" in found.reason


def test_p9_money_is_not_calculated(evaluator: Evaluator) -> None:
    said = refused(FILE.replace("gross: total", "gross: number(total) * 2"), evaluator)
    assert "line 15: totals.gross: Money is not calculated here" in said


def test_p9_an_inexact_number_is_named_and_a_long_one_too(evaluator: Evaluator) -> None:
    mapping = compile_mapping(FILE + "\n", contract=CONTRACT, evaluator=evaluator)
    text = FILE.replace("  totals.gross: total\n", "  count: half\n  totals.gross: total\n")
    mapping = compile_mapping(text, contract=CONTRACT, evaluator=evaluator)
    results = map_records(mapping, [RECORD | {"half": 2**53 + 1}, RECORD | {"half": 4}], evaluator=evaluator)
    assert isinstance(results[0], MapFault)
    assert (results[0].path, results[0].expression) == ("count", "half")
    assert isinstance(results[1], Mapped)
    assert results[1].result["count"] == 4


@pytest.mark.parametrize(
    ("changes", "path", "reason", "hint"),
    [
        ({"id": None}, "number", 'id is empty in the record and would be written as "null"', "(id ?? '')"),
        ({"first": None}, "customer.name", "Empty or missing: first", "(first ?? '')"),
        ({"country": "Norwey"}, "customer.country", "'Norwey' is not in the lookup", 'Did you mean "Norway"?'),
        ({"lines": None}, "lines", "lines is empty or missing", "optional"),
        ({"lines": "x"}, "lines", "no list", "each"),
        ({"lines": [{"what": "a", "price": "1"}, {"what": None, "price": "1"}]}, "lines[2].text", "what", "?? ''"),
        ({"lines": [{"what": "a"}]}, "lines[1].unit_price", "price is empty or missing", "default"),
        ({"lines": [{"what": 5, "price": "1"}]}, "lines[1].text", "`+` joins two texts", "string(..)"),
    ],
)
def test_a_record_that_does_not_fit_says_where_why_and_what_to_do(
    mapping: Mapping, evaluator: Evaluator, changes: dict[str, Any], path: str, reason: str, hint: str
) -> None:
    found = fault(mapping, evaluator, **changes)
    assert found.path == path
    assert reason in found.reason
    assert hint in found.hint


def test_a_single_row_that_came_as_an_object_counts_as_one_row(mapping: Mapping, evaluator: Evaluator) -> None:
    (result,) = map_records(mapping, [RECORD | {"lines": {"what": "Lamp", "price": "1"}}], evaluator=evaluator)
    assert isinstance(result, Mapped)
    assert result.result["lines"] == [{"text": "Lamp (Norway)", "unit_price": "1"}]


def test_one_bad_record_leaves_the_others(mapping: Mapping, evaluator: Evaluator) -> None:
    records = [RECORD | {"id": number, "country": "?" if number == 55 else "Norway"} for number in range(120)]
    results = map_records(mapping, records, evaluator=evaluator)
    assert [index for index, result in enumerate(results) if isinstance(result, MapFault)] == [55]
    assert [r.result["number"] for r in results if isinstance(r, Mapped)] == [f"R-{n}" for n in range(120) if n != 55]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("customer.email:", "customer.emial:",
         'line 7: customer.emial: The data contract has no such field. Did you mean "email"?'),
        ("      text:", "      txet:", 'lines[].txet: The data contract has no such field. Did you mean "text"?'),
        ("      unit_price: price\n", "", "lines[].unit_price: The data contract requires this field."),
        ("  customer.name:", "  note:", "customer.name: The data contract requires this field."),
        ("constants: {currency: EUR}", "", "currency: The data contract requires this field."),
        ("constants: {currency: EUR}", "constants: {curency: EUR}", 'Did you mean "currency"?'),
        ("lookup: countries", "lookup: country", 'There is no lookup "country". Did you mean "countries"?'),
        ("string(id)", "strng(id)", 'line 4, column 8: number: There is no function strng(). Did you mean "string"?'),
        ("string(id)", "string(id", "line 4, column 17: number: A ( is opened and not closed."),
        ("unit_price: price", "unit_price: price price", "line 14: lines[].unit_price"),
        ("company ??", "company ?? ??", "customer.name"),
        ("gross: total", "gross: 5", "totals.gross: 5 is not an expression."),
        ("lookups:", "lookup:", 'This key is not known. Did you mean "lookups"?'),
        ("mapping: 1", "mapping: 2", "The format is not 1."),
        ("  customer.email: mail", "  customer: mail", '"customer" is made as a whole'),
        ("optional: true", "optional: maybe", "`optional` is true or false"),
        ("each: lines", "each: 5", "`each` names a list"),
        ("fields:\n  number", "fields:\n  number: id\n  number", "stands here twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_before_it_is_stored(
    evaluator: Evaluator, old: str, new: str, said: str
) -> None:
    assert old in FILE
    assert said in refused(FILE.replace(old, new, 1), evaluator)


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(evaluator: Evaluator) -> None:
    said = refused(FILE.replace("string(id)", "strng(id)").replace("gross: total", "grss: total"), evaluator)
    assert said.index("number") < said.index("totals.grss")
    assert "2 problems" in said


def test_p10_list_bombs_and_deep_nesting_are_refused_before_zen_sees_them(evaluator: Evaluator) -> None:
    for bomb in ("sum(map([1..100000000], # * 2))", "(" * 400 + "id" + ")" * 400, "map(map(map(a, #), #), #)"):
        assert "note" in refused(FILE.replace("  totals.gross", f'  note: "{bomb}"\n  totals.gross'), evaluator)


def test_p10_a_record_that_makes_an_allowed_expression_explode_costs_only_itself() -> None:
    text = FILE.replace("  totals.gross", '  note: "string(len(map(a, map(record.a, #))))"\n  totals.gross')
    with Evaluator(deadline=1.0, memory=400 << 20) as evaluator:
        mapping = compile_mapping(text, contract=CONTRACT, evaluator=evaluator)
        records = [RECORD | {"a": list(range(20_000 if number == 3 else 2))} for number in range(6)]
        started = time.monotonic()
        results = map_records(mapping, records, evaluator=evaluator)
        assert [isinstance(result, Mapped) for result in results] == [True, True, True, False, True, True]
        assert time.monotonic() - started < 20


def test_p10_the_time_of_a_chunk_is_bounded(mapping: Mapping, evaluator: Evaluator) -> None:
    results = map_records(mapping, [RECORD] * 50, evaluator=evaluator, seconds=0.0)
    assert all(isinstance(result, MapFault) and "time for this chunk" in result.reason for result in results)


def test_a_misspelt_source_field_is_found_with_a_sample(evaluator: Evaluator) -> None:
    text = FILE.replace("email: mail", "email: mial").replace("price\n", "prise\n")
    doubts = compile_mapping(text, contract=CONTRACT, evaluator=evaluator).check(RECORD)
    assert [(doubt.field, doubt.line, doubt.hint) for doubt in doubts] == [
        ("customer.email", 7, 'Did you mean "mail"?'),
        ("lines[].unit_price", 14, 'Did you mean "price"?'),
    ]


def test_a_right_mapping_raises_no_doubt(mapping: Mapping) -> None:
    assert mapping.check(RECORD) == []


def test_when_missing_can_be_strict_and_fields_have_the_last_word(evaluator: Evaluator) -> None:
    strict = FILE.replace("template: invoice", "template: invoice\nwhen_missing: set aside")
    assert fault(compile_mapping(strict, contract=CONTRACT, evaluator=evaluator), evaluator).path == "customer.email"
    text = strict.replace("email: mail", "email: {from: mail, default: none@example.org}")
    (result,) = map_records(
        compile_mapping(text, contract=CONTRACT, evaluator=evaluator), [RECORD], evaluator=evaluator
    )
    assert isinstance(result, Mapped)
    assert result.result["customer"]["email"] == "none@example.org"


def test_a_lookup_may_say_what_others_become(evaluator: Evaluator) -> None:
    text = FILE.replace("lookup: countries}", "lookup: countries, otherwise: XX}")
    mapping = compile_mapping(text, contract=CONTRACT, evaluator=evaluator)
    (result,) = map_records(mapping, [RECORD | {"country": "Mars"}], evaluator=evaluator)
    assert isinstance(result, Mapped)
    assert result.result["customer"]["country"] == "XX"


def test_zen_knows_every_function_that_we_offer(evaluator: Evaluator) -> None:
    calls = [f"{name}(a, #)" if name in CLOSURES else f"{name}(a)" for name in sorted(FUNCTIONS)]
    said = evaluator.parse(calls)
    unknown = [call for call, answer in zip(calls, said, strict=True) if answer and "behind the end" in answer.reason]
    assert unknown == []
