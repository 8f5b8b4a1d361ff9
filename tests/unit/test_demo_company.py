"""The sample company's data: the same bytes each time, plausible, and bad exactly where it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from demo_kit import pack

from postroom.composition.prepare import prepare
from postroom.composition.problems import RecordRefused
from postroom.demo import company

WRITERS: dict[str, tuple[Callable[[Path], company.Counts], company.Counts]] = {
    "invoice": (company.write_invoices, company.Counts(200, 7)),
    "statement": (company.write_statements, company.Counts(60, 1)),
    "reminder": (company.write_reminders, company.Counts(12, 1)),
}


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("key", WRITERS)
def test_p5_two_writes_give_the_same_bytes(key: str, tmp_path: Path) -> None:
    # given / when: the same file is written twice
    write, _ = WRITERS[key]
    digests = set()
    for name in ("a", "b"):
        write(tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    # then
    assert len(digests) == 1


@pytest.mark.parametrize("key", WRITERS)
def test_exactly_the_bad_records_are_refused(key: str, tmp_path: Path) -> None:
    # given
    write, expected = WRITERS[key]
    counts = write(tmp_path / "records")
    lines = read(tmp_path / "records")
    # when: each line goes through the template's contract, derivation and checks
    refused = 0
    for line in lines:
        try:
            prepare(pack(key), json.loads(line))
        except (json.JSONDecodeError, RecordRefused):
            refused += 1
    # then
    assert counts == expected
    assert (len(lines), refused) == (expected.total, expected.bad)


def test_each_bad_invoice_is_bad_in_its_own_way(tmp_path: Path) -> None:
    # given
    company.write_invoices(tmp_path / "records")
    # when
    codes = []
    for line in read(tmp_path / "records"):
        try:
            prepare(pack("invoice"), json.loads(line))
        except json.JSONDecodeError:
            codes.append("not-json")
        except RecordRefused as refused:
            codes += [problem.code for problem in refused.problems]
    # then
    assert codes == [
        "wrong-type",
        "figures-differ",
        "missing-field",
        "not-allowed-value",
        "not-json",
        "missing-glyph",
        "too-many",
    ]


def test_forty_customers_who_cannot_be_reached_by_accident() -> None:
    customers = company.customers()
    assert len(customers) == len({customer.key for customer in customers}) == 40
    assert all(customer.email.endswith(".example") for customer in customers)
    assert sum(customer.email.startswith("bounce@") for customer in customers) == 1
    assert {customer.preferred_channel for customer in customers} == {"email", "portal", "folder"}
    assert {customer.country for customer in customers} == {
        *("SE", "DK", "DE", "NO", "FI", "NL"),
        *("FR", "AT", "GB", "US", "PL"),
    }
    assert {user.role for user in company.USERS} >= {"operator", "records_manager", "author", "clerk", "auditor"}


def test_vat_follows_the_place_of_the_customer(tmp_path: Path) -> None:
    # given
    company.write_invoices(tmp_path / "records")
    good = [json.loads(line) for line in read(tmp_path / "records") if line.endswith("}")]
    # then: Sweden pays VAT, companies of the union account for it themselves, goods leave the union without it
    for record in good:
        country = record["customer"].get("address", {}).get("country")
        rates = {tax["rate"] for tax in record["taxes"]}
        if country == "SE":
            assert rates <= {"25", "6"} and "reverse_charge" not in record and "export" not in record
        elif country in ("NO", "GB", "US"):
            assert rates == {"0"} and record["export"]
        elif country and "vat_number" in record["customer"]:
            assert rates == {"0"} and record["reverse_charge"]


def test_statement_balances_follow_their_movements(tmp_path: Path) -> None:
    company.write_statements(tmp_path / "records")
    for line in read(tmp_path / "records")[:5]:
        record = json.loads(line)
        balance = Decimal(record["opening"])
        for row in record["movements"]:
            balance += Decimal(row["debit"]) - Decimal(row["credit"])
            assert Decimal(row["balance"]) == balance


def test_the_account_number_has_the_right_check_digits() -> None:
    """ISO 13616: the first four characters go to the end, letters count from 10, the rest modulo 97 is 1."""
    from postroom.composition.brand import default_brand

    account = default_brand().look("bank.iban")
    assert account == "SE3599900000019315560120"
    assert default_brand().look("bank.iban_grouped") == "SE35 9990 0000 0193 1556 0120"
    assert int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1
