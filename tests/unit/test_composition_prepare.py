"""From a record to all a renderer needs, or to every reason why not."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from postroom.composition.pack import TemplatePack, load_folder
from postroom.composition.prepare import prepare
from postroom.composition.problems import RecordProblem, RecordRefused

SLIP = Path(__file__).parents[1] / "golden" / "slip"
Change = Callable[[dict[str, Any]], None]


@cache
def slip() -> TemplatePack:
    return load_folder(SLIP)


@pytest.fixture
def record() -> dict[str, Any]:
    """A record that fits."""
    return copy.deepcopy(slip().samples[0][1])


def problems(record: Any) -> tuple[RecordProblem, ...]:
    with pytest.raises(RecordRefused) as caught:
        prepare(slip(), record)
    return caught.value.problems


def put(*path: Any) -> Change:
    """Sets the last value at the path before it."""

    def change(record: Any) -> None:
        *steps, last, value = path
        for step in steps:
            record = record[step]
        record[last] = value

    return change


def drop(*path: Any) -> Change:
    def change(record: Any) -> None:
        *steps, last = path
        for step in steps:
            record = record[step]
        del record[last]

    return change


def test_a_record_becomes_what_the_recipient_reads(record: dict[str, Any]) -> None:
    made = prepare(slip(), record)
    line = made.view["lines"][0]
    assert (line["quantity"], line["unit_price"], line["amount"]) == ("2.500", "0,0425", "106,25")
    assert made.view["issued_on"] == "12. November 2026"
    assert made.view["customer"]["address"]["country"] == "Österreich"
    assert made.view["words"]["gross"] == "Summe"
    assert made.view["urgent"] is True
    assert made.view["document"] == {
        "number": "LS-2026-0042",
        "title": "Lieferschein LS-2026-0042",
        "date": "12. November 2026",
        "language": "de-AT",
        "decimal": ",",
        "group": made.view["document"]["group"],
    }


def test_the_facts_are_those_of_the_record(record: dict[str, Any]) -> None:
    facts = prepare(slip(), record).facts
    assert (facts.number, facts.date, facts.amount) == ("LS-2026-0042", dt.date(2026, 11, 12), Decimal("1597.50"))
    assert (facts.currency, facts.language, facts.recipient_key) == ("EUR", "de-AT", "K-1007")
    assert facts.recipient_email == "einkauf@oeztuerk.example"
    assert facts.recipient_address is not None and facts.recipient_address["city"] == "Wien"


def test_p9_missing_figures_are_derived_in_decimals(record: dict[str, Any]) -> None:
    # given lines without amounts and no net total; 3 x 0.1 is 0.30000000000000004 in floats
    record["lines"] = [
        {"text": "A", "quantity": 3, "unit_price": "0.1"},
        {"text": "B", "quantity": 2.5, "unit_price": "0.01"},
    ]
    record["totals"] = {"tax": "0", "gross": "0.33"}
    # when it is prepared
    made = prepare(slip(), record).record
    # then amounts are exact, half a cent goes up, and the record keeps them
    assert [line["amount"] for line in made["lines"]] == ["0.30", "0.03"]
    assert [line["carried"] for line in made["lines"]] == ["0.30", "0.33"]
    assert made["totals"]["net"] == "0.33"


def test_what_is_stated_is_not_derived(record: dict[str, Any]) -> None:
    record["lines"][0]["amount"] = "106.24"
    found = problems({**record, "totals": {"net": "1331.25", "tax": "266.25", "gross": "1597.50"}})
    assert [problem.code for problem in found] == ["figures-differ"]


def test_a_failed_check_names_both_figures(record: dict[str, Any]) -> None:
    record["totals"]["gross"] = "1600.00"
    (problem,) = problems(record)
    assert problem.path == "$.totals.gross"
    assert "1597.50" in problem.reason and "1600.00" in problem.reason and "2.50" in problem.reason


def test_the_record_handed_in_is_left_alone(record: dict[str, Any]) -> None:
    before = copy.deepcopy(record)
    prepare(slip(), record)
    assert record == before


def test_p5_preparing_twice_gives_the_same(record: dict[str, Any]) -> None:
    assert prepare(slip(), record) == prepare(slip(), copy.deepcopy(record))


@pytest.mark.parametrize(
    ("plant", "path", "code", "says"),
    [
        (put("nmber", "X"), "$.nmber", "unknown-field", "no field 'nmber'"),
        (drop("number"), "$.number", "missing-field", "'number' is missing"),
        (drop("customer", "name"), "$.customer.name", "missing-field", "missing"),
        (put("lines", 1, "unit_price", 12.5), "$.lines[1].unit_price", "wrong-type", "the number 12.5"),
        (put("lines", 1, "unit_price", "12,50"), "$.lines[1].unit_price", "not-money", '"12,50"'),
        (put("lines", 0, "quantity", "2500"), "$.lines[0].quantity", "wrong-type", "must be a number"),
        (put("lines", 0, "quantity", -1), "$.lines[0].quantity", "out-of-range", "at least 0"),
        (put("issued_on", "2026-02-30"), "$.issued_on", "not-date", "2026-02-30"),
        (put("issued_on", "12.11.2026"), "$.issued_on", "not-date", "12.11.2026"),
        (put("currency", "EUX"), "$.currency", "not-currency", "EUX"),
        (put("customer", "address", "country", "Austria"), "$.customer.address.country", "not-country", "Austria"),
        (put("customer", "address", "country", "XX"), "$.customer.address.country", "not-country", "XX"),
        (
            put("customer", "address", "lines", ["x"] * 12),
            "$.customer.address.lines",
            "too-many",
            "12 entries; at most 6",
        ),
        (put("customer", "name", "x" * 61), "$.customer.name", "too-long", "61 characters; at most 60"),
        (put("lines", []), "$.lines", "too-few", "0 entries"),
        (put("note", ""), "$.note", "empty", "empty"),
        (put("customer", "name", "Müller ქ"), "$.customer.name", "missing-glyph", "U+10E5"),
        (put("lines", 2, "text", "a\x00b"), "$.lines[2].text", "control-character", "U+0000"),
        (put("note", "safe\u202etxt.exe"), "$.note", "control-character", "U+202E"),
        (put("note", "\ud800"), "$.note", "control-character", "U+D800"),
        (put("urgent", "yes"), "$.urgent", "wrong-type", "true or false"),
    ],
)
def test_a_bad_record_is_refused_with_path_reason_and_hint(
    record: dict[str, Any], plant: Change, path: str, code: str, says: str
) -> None:
    plant(record)
    found = problems(record)
    match = [problem for problem in found if problem.path == path]
    assert match, found
    assert match[0].code == code and says in match[0].reason and match[0].hint


def test_a_misspelt_field_gets_a_suggestion(record: dict[str, Any]) -> None:
    record["customer"]["nmae"] = record["customer"].pop("name")
    hints = {problem.path: problem.hint for problem in problems(record)}
    assert hints["$.customer.nmae"] == "Did you mean 'name'?"


def test_every_reason_is_told_at_once(record: dict[str, Any]) -> None:
    drop("number")(record)
    put("issued_on", "x")(record)
    put("lines", 0, "text", "ქ")(record)
    put("note", "a\x07")(record)
    assert {problem.path for problem in problems(record)} == {"$.number", "$.issued_on", "$.lines[0].text", "$.note"}


@pytest.mark.parametrize("record", [None, [], "x", 3, {}])
def test_what_is_no_record_is_refused_and_never_crashes(record: Any) -> None:
    assert problems(record)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.sampled_from(["number", "issued_on", "currency", "customer", "lines", "totals", "note", "discount"]), json_values
)
def test_any_value_anywhere_is_prepared_or_refused_and_never_crashes(name: str, value: Any) -> None:
    record = copy.deepcopy(slip().samples[0][1])
    record[name] = value
    try:
        made = prepare(slip(), record)
    except RecordRefused as refused:
        assert all(problem.reason and problem.path.startswith("$") for problem in refused.problems)
    else:
        assert made.facts.number


@given(st.text(max_size=60))
def test_shown_text_has_no_outer_double_or_hidden_space(text: str) -> None:
    record = copy.deepcopy(slip().samples[0][1])
    record["lines"][0]["text"] = text or "x"
    try:
        shown = prepare(slip(), record).view["lines"][0]["text"]
    except RecordRefused:
        return
    assert not re.search(r"^\s|\s$|  |[\x00-\x1f\u200b\ufeff]", shown)


def test_a_mail_address_holds_no_line_end(record: dict[str, Any]) -> None:
    record["customer"]["email"] = " a@example.com\r\nBcc: all@example.com "
    assert prepare(slip(), record).facts.recipient_email == "a@example.com Bcc: all@example.com"


def test_a_record_nested_without_end_is_refused_and_never_crashes(record: dict[str, Any]) -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    record["note"] = deep
    assert problems(record)


@pytest.mark.parametrize("number", [10**5000, 10**20, 1e300], ids=["huge", "large", "float"])
def test_a_number_without_measure_is_refused(record: dict[str, Any], number: float) -> None:
    record["lines"][0]["quantity"] = number
    record["lines"][0]["amount"] = "1.00"
    assert problems(record)


def test_white_space_is_made_one(record: dict[str, Any]) -> None:
    record["note"] = "  two\n\nlines \t and\u2028more\u200b  "
    assert prepare(slip(), record).view["note"] == "two lines and more"


def test_decomposed_letters_are_composed(record: dict[str, Any]) -> None:
    record["customer"]["name"] = "Mu\u0308ller"
    assert prepare(slip(), record).facts.recipient_name == "Müller"


def test_a_code_carries_raw_values_and_reads_back(record: dict[str, Any]) -> None:
    payload = _read(prepare(slip(), record).codes["pay"])
    assert payload.split("\n")[7] == "EUR1597.50"
    assert payload.endswith("LS-2026-0042 Bäckerei Öztürk & Söhne")


def test_no_field_can_add_lines_to_a_payment_code(record: dict[str, Any]) -> None:
    record["customer"]["name"] = "Holm\nDE00EVIL\nEUR9999"
    lines = _read(prepare(slip(), record).codes["pay"]).split("\n")
    assert lines[-1] == "LS-2026-0042 Holm DE00EVIL EUR9999" and len(lines) == 11


def test_a_code_is_made_only_where_its_condition_holds(record: dict[str, Any]) -> None:
    record["currency"] = "SEK"
    assert set(prepare(slip(), record).codes) == {"shelf"}


def test_the_index_holds_shown_and_raw_figures(record: dict[str, Any]) -> None:
    text = prepare(slip(), record).index_text
    for wanted in (
        "LS-2026-0042",
        "Frau Ayşe Öztürk",
        "Etiketten",
        "1.331,25",
        "1331.25",
        "12. November 2026",
        "2026-11-12",
    ):
        assert wanted in text.split("\n")
    assert "Summe" not in text


def test_p5_the_clock_is_noon_of_the_documents_day(record: dict[str, Any]) -> None:
    clock = prepare(slip(), record).fixed_clock
    assert dt.datetime.fromtimestamp(clock, dt.UTC) == dt.datetime(2026, 11, 12, 12, tzinfo=dt.UTC)


def _read(svg: str) -> str:
    """The text a scanner reads from the SVG's path."""
    return _scanned(svg).text


def _scanned(svg: str) -> zxingcpp.Barcode:
    from PIL import Image

    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert size is not None
    image = Image.new("L", (int(size[1]), int(size[2])), 255)
    for x, y, wide, tall in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)H\d+z", svg):
        image.paste(0, (int(x), int(y), int(x) + int(wide), int(y) + int(tall)))
    big = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
    (found,) = zxingcpp.read_barcodes(big)
    return found
