"""Payments are checked before a symbol is drawn: accounts, references, amounts, signs; nothing is cut off silently."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.composition.pay import (
    PaymentRefused,
    check_digit,
    creditor_reference_fault,
    epc,
    grouped,
    iban_fault,
    qr_reference_fault,
    swiss,
)

EPC = {"name": "Lindqvist & Daughters AB", "iban": "SE35 9990 0000 0193 1556 0120", "amount": "1533.5", "text": "INV-1"}
SWISS = {
    "iban": "CH44 3199 9123 0008 8901 2",
    "currency": "CHF",
    "amount": "1949.75",
    "reference": "21 00000 00003 13947 14300 09017",
    "creditor_name": "Robert Schneider AG",
    "creditor_street": "Rue du Lac",
    "creditor_number": "1268",
    "creditor_postal_code": "2501",
    "creditor_city": "Biel",
    "creditor_country": "CH",
}


def flaws(build: Any, data: dict[str, str]) -> set[tuple[str, str]]:
    with pytest.raises(PaymentRefused) as caught:
        build(data)
    return {(flaw.field, flaw.code) for flaw in caught.value.flaws}


def test_a_sepa_transfer_has_the_lines_of_the_guideline() -> None:
    """EPC069-12, version 2: eleven lines, trailing empty ones left out."""
    made = epc({**EPC, "bic": "ORHKSEMM"})
    assert made.payload.split("\n") == [
        "BCD", "002", "1", "SCT", "ORHKSEMM", "Lindqvist & Daughters AB", "SE3599900000019315560120", "EUR1533.50",
        "", "", "INV-1",
    ]  # fmt: skip
    assert made.shown["iban"] == "SE35 9990 0000 0193 1556 0120"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"iban": "SE3599900000019315560121"}, "iban", "not-iban"),
        ({"iban": "DE8937040044053201300"}, "iban", "not-iban"),
        ({"bic": "ORHK"}, "bic", "not-bic"),
        ({"amount": "0.00"}, "amount", "payment-amount"),
        ({"amount": "1000000000"}, "amount", "payment-amount"),
        ({"amount": "1.005"}, "amount", "payment-amount"),
        ({"amount": "1,50"}, "amount", "not-amount"),
        ({"amount": "NaN"}, "amount", "payment-amount"),
        ({"currency": "SEK"}, "currency", "payment-currency"),
        ({"name": "x" * 71}, "name", "payment-too-long"),
        ({"name": ""}, "name", "payment-incomplete"),
        ({"text": "x" * 141}, "text", "payment-too-long"),
        ({"reference": "RF18539007547034"}, "text", "payment-reference"),
        ({"text": "", "reference": "RF19539007547034"}, "reference", "not-reference"),
        ({"text": "ö" * 140, "name": "ö" * 70}, "text", "payment-too-long"),
    ],
)
def test_planted_faults_of_a_sepa_transfer_are_named(change: dict[str, str], field: str, code: str) -> None:
    assert (field, code) in flaws(epc, {**EPC, **change})


def test_every_fault_is_told_at_once() -> None:
    assert len(flaws(epc, {**EPC, "iban": "x", "amount": "0", "currency": "SEK"})) == 3


def test_a_swiss_bill_has_the_lines_of_the_guideline() -> None:
    """IG QR-bill 2.3, 4.2.2; account and reference are those of its examples."""
    lines = swiss(SWISS).payload.split("\n")
    assert lines[:5] == ["SPC", "0200", "1", "CH4431999123000889012", "S"]
    assert lines[11:18] == [""] * 7  # the ultimate creditor is for later use
    assert lines[18:20] == ["1949.75", "CHF"]
    assert lines[20:27] == [""] * 7  # no debtor named
    assert lines[27:] == ["QRR", "210000000003139471430009017", "", "EPD"]
    assert swiss(SWISS).shown["amount"] == "1 949.75"
    assert swiss(SWISS).shown["reference"] == "21 00000 00003 13947 14300 09017"
    assert swiss({**SWISS, "amount": ""}).payload.split("\n")[18] == ""


def test_the_kind_of_account_decides_the_kind_of_reference() -> None:
    plain = {**SWISS, "iban": "CH5800791123000889012"}
    assert swiss({**plain, "reference": "RF18 5390 0754 7034"}).payload.split("\n")[27:29] == [
        "SCOR",
        "RF18539007547034",
    ]
    assert swiss({**plain, "reference": ""}).payload.split("\n")[27:29] == ["NON", ""]
    assert flaws(swiss, {**plain, "reference": SWISS["reference"]}) == {("reference", "not-reference")}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"iban": EPC["iban"]}, "iban", "not-iban"),
        ({"reference": "210000000003139471430009018"}, "reference", "not-reference"),
        ({"reference": ""}, "reference", "not-reference"),
        ({"reference": "0" * 27}, "reference", "not-reference"),
        ({"currency": "USD"}, "currency", "payment-currency"),
        ({"creditor_name": "Жанна"}, "creditor_name", "payment-sign"),
        ({"creditor_city": "x" * 36}, "creditor_city", "payment-too-long"),
        ({"debtor_name": "Pia"}, "debtor_city", "payment-incomplete"),
        ({"creditor_country": "Switzerland"}, "creditor_country", "not-country"),
        ({"message": "x" * 100, "billing": "y" * 41}, "message", "payment-too-long"),
    ],
)
def test_planted_faults_of_a_swiss_bill_are_named(change: dict[str, str], field: str, code: str) -> None:
    assert (field, code) in flaws(swiss, {**SWISS, **change})


@given(st.text("0123456789", min_size=26, max_size=26).filter(lambda text: text.strip("0")), st.integers(1, 9))
def test_one_wrong_digit_of_a_reference_is_always_found(digits: str, wrong: int) -> None:
    sound = digits + str(check_digit(digits))
    assert qr_reference_fault(sound) == ""
    assert qr_reference_fault(sound[:-1] + str((int(sound[-1]) + wrong) % 10))


@given(st.integers(0, 21), st.integers(1, 9))
def test_one_wrong_digit_of_an_account_is_always_found(at: int, more: int) -> None:
    account = "DE89370400440532013000"
    assert iban_fault(account) == ""
    if account[at].isdigit():
        wrong = account[:at] + str((int(account[at]) + more) % 10) + account[at + 1 :]
        assert iban_fault(wrong)


def test_references_and_groups() -> None:
    assert creditor_reference_fault("RF18539007547034") == ""
    assert creditor_reference_fault("XX18539007547034")
    assert grouped("DE89370400440532013000") == "DE89 3704 0044 0532 0130 00"
