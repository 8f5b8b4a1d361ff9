"""From a record to the semantic model, or to every reason why not; and whether a page says what the XML says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("lxml", reason="the extra einvoice is not installed")

from kit.einvoices import SECTION, demo_files, invoice_of, layout, record, variant
from postroom.composition.einvoice import agree, tools
from postroom.composition.einvoice.errors import EInvoiceToolsMissing, NotAnEInvoice
from postroom.composition.einvoice.fill import fill
from postroom.composition.einvoice.make import wanted
from postroom.composition.einvoice.pdf import attached_invoice
from postroom.composition.einvoice.reading import Facts
from postroom.composition.pack import load
from postroom.composition.problems import RecordRefused, TemplateFaults


def test_a_record_becomes_the_model_with_exact_amounts() -> None:
    made = fill(layout(), variant("several-rates")).invoice
    assert (made.number, made.issued, made.kind) == ("INV-2026-7", dt.date(2026, 11, 12), "380")
    assert [line.amount for line in made.lines] == [Decimal("1030.00"), Decimal("78.50")]
    assert [(one.tax.category, one.base, one.amount) for one in made.taxes] == [
        ("S", Decimal("1030.00"), Decimal("257.50")),
        ("S", Decimal("78.50"), Decimal("9.42")),
    ]
    assert made.totals.due == Decimal("1375.42")
    assert made.buyer.vat == "DE123456789"


def test_four_lines_of_an_address_lose_nothing() -> None:
    made = fill(layout(), variant("elsewhere")).invoice
    assert made.delivery and made.delivery.address
    assert made.delivery.address.lines == ("Weg 1", "Tor 2", "Haus 3, Stock 4")


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        (lambda one: one.update(totals={"gross": "1.00"}), "$.totals.gross", "give 1385.63"),
        (lambda one: one["lines"][1].update(amount="78.51"), "$.lines[1].amount", "78.50"),
        (
            lambda one: one.update(taxes=[{"rate": "25", "base": "1108.50", "amount": "277.00"}]),
            "$.taxes[0].amount",
            "277.13",
        ),
        (lambda one: one["lines"][0].update(unit="crate"), "$.lines[0].unit", "Recommendation 20"),
        (lambda one: one["lines"][0].pop("rate"), "$.lines[0].rate", "BT-152"),
        (lambda one: one["lines"][0].update(quantity=2.5), "$.lines[0].quantity", "exact number"),
        (lambda one: one.update(lines=[]), "$.lines", "BR-16"),
        (lambda one: one.update(kind="strange"), "$.kind", "credit-note"),
        (lambda one: one.pop("number"), "$.number", "BT-1"),
        (lambda one: one.update(issued_on="12.11.2026"), "$.issued_on", "year-month-day"),
        (lambda one: one.update(allowances=[{"amount": "-5", "rate": "25"}]), "$.allowances[0].amount", "negative"),
        (lambda one: one.update(reverse_charge=True), "$.lines[0].rate", "reverse_charge"),
        (lambda one: one.update(attachments=[{"id": "A", "content": "?"}]), "$.attachments[0].id", "base64"),
    ],
)
def test_what_does_not_add_up_is_told_with_its_place(
    change: Callable[[dict[str, Any]], Any], path: str, said: str
) -> None:
    # given a record with one fault
    bad = record()
    change(bad)
    # then it is refused, with the field and both figures
    with pytest.raises(RecordRefused) as caught:
        fill(layout(), bad)
    assert any(one.path == path and said in one.reason + one.hint for one in caught.value.problems), (
        caught.value.problems
    )


def test_only_records_that_the_layout_wants_become_e_invoices() -> None:
    chosen = layout(when={"currency": "EUR"})
    assert wanted(chosen, record())
    assert invoice_of(chosen, record() | {"currency": "SEK"}) is None


def test_equal_records_give_equal_bytes() -> None:
    assert invoice_of(layout(), record()) == invoice_of(layout(), record())


def test_a_control_character_is_refused_and_not_written() -> None:
    bad = record()
    bad["customer"]["name"] = "Stadt\x01Bonn"
    with pytest.raises(RecordRefused, match="XML"):
        invoice_of(layout(), bad)


def test_missing_judges_are_an_error_and_never_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    tools.require_tools.cache_clear()
    monkeypatch.setattr(tools, "find_spec", lambda name: None if name == "saxonche" else object())
    try:
        # then whoever asks is told what to install
        with pytest.raises(EInvoiceToolsMissing, match="saxonche") as caught:
            tools.require_tools()
        assert "postroom[einvoice]" in caught.value.hint
        # and a record that met it at run time is refused with the same words, and does not stop its chunk
        with pytest.raises(RecordRefused) as refused:
            invoice_of(layout(), record())
        (problem,) = refused.value.problems
        assert (problem.code, problem.path) == ("einvoice-tools-missing", "$")
        assert "postroom[einvoice]" in problem.hint
        # and nothing can be published that would need it
        with pytest.raises(TemplateFaults) as faults:
            load(demo_files())
        (told,) = faults.value.problems
        assert "saxonche" in told.what and "postroom[einvoice]" in told.hint and told.line > 0
    finally:
        tools.require_tools.cache_clear()


@pytest.mark.parametrize(
    ("section", "promises", "said"),
    [
        (SECTION.replace("BT-10: reference", "BT-10: referense"), "pdf/a-3a", "referense"),
        (SECTION.replace("BT-10: reference", "BT-999: reference"), "pdf/a-3a", "BT-999"),
        (SECTION.replace("when: export", "when: exports"), "pdf/a-3a", "exports"),
        (SECTION.replace("discounts: discount", "discounts: rebate"), "pdf/a-3a", "rebate"),
        (SECTION, "pdf/a-2a", "PDF/A-3"),
    ],
)
def test_planted_faults_of_a_section_are_told_at_publishing(section: str, promises: str, said: str) -> None:
    with pytest.raises(TemplateFaults) as caught:
        load(demo_files(section, promises))
    told = [one for one in caught.value.problems if said in one.what]
    assert told and told[0].line > 0, caught.value.problems


def test_amounts_are_found_however_a_language_writes_them() -> None:
    import re

    pattern = agree._amount(Decimal("12345.60"))
    for text in ("12.345,60", "12,345.60", "12 345,60", "12’345.60", "12345,6", "EUR 12.345,60 x"):
        assert re.search(pattern, text) or text.endswith(",6"), text
    for text in ("112.345,60", "12.345,61", "12.345,601", "2.345,60", "12.345"):
        assert not re.search(pattern, text), text


def test_a_date_is_found_in_the_language_of_the_page() -> None:
    facts = Facts("cii", {"BT-2": ("20261112",)})
    for text in ("12. November 2026", "12 novembre 2026", "12.11.2026", "12 november 2026"):
        assert not list(agree._absent(facts, text, tuple(agree._LANGUAGES), frozenset())), text
    assert list(agree._absent(facts, "13. November 2026", tuple(agree._LANGUAGES), frozenset()))


def test_what_is_no_pdf_is_said() -> None:
    with pytest.raises(NotAnEInvoice):
        attached_invoice(b"%PDF-1.7 nothing")


def test_a_page_with_several_rates_shows_each_and_need_not_show_their_sum() -> None:
    # given VAT of two rates, shown each
    facts = Facts("cii", {"BT-110": ("30.00",), "BT-117": ("25.00", "5.00")})
    assert not list(agree._absent(facts, "25,00 5,00", ("de",), frozenset()))
    # then one that is not shown is found still
    assert [term for term, _, _ in agree._absent(facts, "25,00", ("de",), frozenset())] == ["BT-117"]
