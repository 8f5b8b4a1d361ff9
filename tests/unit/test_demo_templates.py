"""The sample company's pages: page breaks, sums carried over, languages, payment symbol, equal bytes."""

from __future__ import annotations

import copy
import datetime as dt
import re
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from demo_kit import KEYS, Press, pack, pages

from postroom.composition.brand import read_brand
from postroom.composition.prepare import prepare, render_mail
from postroom.composition.problems import RecordRefused
from postroom.demo import company, invoices, statements

DAY = dt.date(2026, 11, 12)
CUSTOMERS = {customer.key: customer for customer in company.customers()}


@pytest.fixture
def press(tmp_path: Path) -> Callable[[str], Press]:
    return lambda key: Press(key, tmp_path / key)


def english(lines: int) -> dict[str, Any]:
    record = invoices.invoice(CUSTOMERS["C-00601"], 1500, DAY, Random(lines), lines)
    return record if lines else {**record, "lines": []}


def test_no_template_carries_a_copy_of_the_paper() -> None:
    """Letterhead, window and slip are the house library's: what is corrected there is corrected everywhere."""
    assert {path.name for path in company.TEMPLATES.glob("*/*.typ")} == {"main.typ"}


@pytest.mark.parametrize("key", KEYS)
def test_every_sample_becomes_a_document_and_a_mail(key: str, press: Callable[[str], Press]) -> None:
    # given: loading checks contract, words, lint and samples; rendering checks PDF/A-2a and PDF/UA-1
    printer = press(key)
    for name, record in printer.pack.samples:
        # when
        made = printer.print(record)
        mail = render_mail(printer.pack, printer.prepared(record), {"link": "https://x.example/1", "sender": "L"})
        # then
        assert made.content.startswith(b"%PDF-") and made.pages >= 1, name
        assert "https://x.example/1" in mail.html and "https://x.example/1" in mail.text
        assert printer.prepared(record).facts.number in mail.subject


@pytest.mark.parametrize("key", KEYS)
def test_a_mail_signs_as_the_brand_it_is_given(key: str) -> None:
    # given a brand of somebody else, with little but a name and a colour
    made = pack(key)
    told = {"key": "other", "name": "Zorn & Kraft", "colours": {"accent": "#123abc"}}
    other = read_brand({**told, "bank": {**made.brand.tokens["bank"], "holder": "Zorn & Kraft"}}, {})
    # when the mail of each sample is written, then it is theirs
    for name, record in made.samples:
        mail = render_mail(made, prepare(made, record, brand=other), {"link": "https://x.example/1", "sender": "L"})
        assert "Zorn &amp; Kraft" in mail.html and "#123abc" in mail.html and "Zorn & Kraft" in mail.subject, name
        assert "& Daughters" not in mail.text + mail.subject and "&amp; Daughters" not in mail.html, name


@pytest.mark.parametrize("lines", [1, 4, 12, 13, 14, 15, 16, 17, 18, 19, 20, 33, 34, 60])
def test_totals_never_stand_alone_and_sums_are_carried(lines: int, press: Callable[[str], Press]) -> None:
    # given
    printer, record = press("invoice"), english(lines)
    # when
    found = pages(printer.print(record).content)
    # then: what is carried over is brought forward and is the sum of all rows before the break
    amounts = [row["carried"] for row in printer.prepared(record).record["lines"]]
    shown = {f"{Decimal(amount):,.2f}" for amount in amounts}
    for before, after in pairwise(found):
        over = re.search(r"Carried over\s+(\S+)", before)
        forward = re.search(r"Brought forward\s+(\S+)", after)
        assert over and forward and over[1] == forward[1] and over[1] in shown
        assert "Item" in after
    # then: the page with the total has the payment slip and at least one line
    last = found[-1]
    assert "To pay" in last and "SE35 9990" in last and "Carried over" not in last
    assert f"{Decimal(record['totals']['gross']):,.2f}" in last
    assert f"{Decimal(record['lines'][-1]['amount']):,.2f}" in last
    assert all("To pay" not in page for page in found[:-1])
    assert f"Page {len(found)} of {len(found)}" in last


def test_an_invoice_without_lines_is_one_page(press: Callable[[str], Press]) -> None:
    assert press("invoice").print(dict(pack("invoice").samples)["samples/05-no-lines.json"]).pages == 1


@pytest.mark.parametrize("rows", [0, 1, 25, 26, 27, 28, 29, 156])
def test_a_statement_breaks_where_it_may(rows: int, press: Callable[[str], Press]) -> None:
    # given
    record = statements.statement(CUSTOMERS["C-00604"], 1, 10, Random(5), rows or 1)
    if rows == 0:
        record.update(movements=[], summary=[], closing=record["opening"])
        record["totals"] = {"debit": "0.00", "credit": "0.00", "side": record["opening"]}
    # when
    found = pages(press("statement").print(record).content)
    # then
    ending = next(page for page in found if "Closing balance 31 October 2026" in page)
    if rows:
        assert f"{Decimal(record['movements'][-1]['balance']):,.2f}" in ending
    for before, after in pairwise(found):
        over, forward = re.search(r"Carried over\s+(\S+)", before), re.search(r"Brought forward\s+(\S+)", after)
        assert bool(over) == bool(forward)
        assert over is None or forward is None or over[1] == forward[1]
    assert len(found) == (5 if rows == 156 else 1 if rows < 20 else len(found))


@pytest.mark.parametrize("tag", ["en-GB", "de", "sv", "da", "fr", "nl"])
@pytest.mark.parametrize("key", KEYS)
def test_every_language_prints_its_own_words(key: str, tag: str, press: Callable[[str], Press]) -> None:
    # given
    record = copy.deepcopy(pack(key).samples[0][1])
    record["customer"]["language"] = tag
    # when
    text = " ".join(pages(press(key).print(record).content)[0].split())
    # then
    words = pack(key).words[tag.split("-")[0]]
    assert words["trade"] in text
    assert words["page_of"].split("{")[0].strip() in text


def test_the_payment_symbol_says_what_a_bank_expects(press: Callable[[str], Press]) -> None:
    # given: an invoice in EUR
    record = pack("invoice").samples[0][1]
    content = press("invoice").print(record).content
    # when: the printed page is read as a phone would
    image = pypdfium2.PdfDocument(content)[0].render(scale=3).to_pil()
    found = zxingcpp.read_barcodes(image)
    # then: EPC069-12, eleven lines
    assert [symbol.text.split("\n") for symbol in found] == [
        ["BCD", "002", "1", "SCT", "ORHKSEMM", "Lindqvist & Daughters AB", "SE3599900000019315560120",
         "EUR1533.50", "", "", "INV-2026-1187"]
    ]  # fmt: skip


def test_a_foreign_currency_gets_the_symbol_of_the_portal(press: Callable[[str], Press]) -> None:
    record = english(2)
    image = pypdfium2.PdfDocument(press("invoice").print(record).content)[0].render(scale=3).to_pil()
    assert [symbol.text for symbol in zxingcpp.read_barcodes(image)] == [
        "https://post.lindqvist-offset.example/i/INV-2026-1500"
    ]


def test_sepa_is_refused_for_another_currency_and_for_nothing_to_pay() -> None:
    """The planted fault of the symbol: a bank would read it and pay a wrong amount."""
    for change in ({"currency": "SEK"}, {"totals": {"net": "0.00", "tax": "0.00", "gross": "0.00"}}):
        record = {**copy.deepcopy(pack("invoice").samples[0][1]), **change}
        with pytest.raises(RecordRefused):
            prepare(pack("invoice"), record)


def test_the_address_stands_in_the_window(press: Callable[[str], Press]) -> None:
    """DIN 5008 form B: window 20 to 105 mm from the left, 45 to 90 mm from the top; text starts at 25 mm."""
    for name, record in pack("invoice").samples:
        if record.get("us_letter"):
            continue
        page = pypdfium2.PdfDocument(press("invoice").print(record).content)[0]
        text = page.get_textpage()
        name_at = text.search(record["customer"]["name"].split()[0], match_case=True).get_next()
        assert name_at is not None, name
        left, bottom, _, top = text.get_charbox(name_at[0], loose=True)
        from_top = (page.get_height() - top) / 72 * 25.4
        assert abs(left / 72 * 25.4 - 25) < 0.8, name
        assert 45 < from_top < 66 and (page.get_height() - bottom) / 72 * 25.4 < 90, name


def test_p5_equal_records_give_equal_bytes_in_two_compilers(tmp_path: Path) -> None:
    for key in KEYS:
        record = pack(key).samples[0][1]
        first, second = Press(key, tmp_path / f"{key}-a"), Press(key, tmp_path / f"{key}-b")
        assert first.print(record).content == second.print(record).content == first.print(record).content


def test_twelve_lines_are_quick(press: Callable[[str], Press]) -> None:
    """15 ms on a quiet core (docs/performance.md); the bound here leaves room for a busy one."""
    printer = press("invoice")
    took = []
    for number in range(9):
        record = {**english(12), "number": f"INV-{number:04d}"}
        before = time.process_time()
        printer.print(record)
        took.append(time.process_time() - before)
    assert sorted(took)[2] < 0.060
