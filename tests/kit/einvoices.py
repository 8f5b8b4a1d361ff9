"""Records of invoices in every variant, a layout for them, and the demo's invoice as an e-invoice template."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from postroom.composition.brand import Brand, default_brand
from postroom.composition.einvoice.layout import EInvoice
from postroom.composition.einvoice.make import Written, written

ROOT = Path(__file__).parents[2]
Record = dict[str, Any]
SELLER: dict[str, Any] = {
    "name": "Lindqvist & Daughters AB",
    "legal_id": "5560123388",
    "legal_scheme": "0007",
    "vat": "SE556012338801",
    "address": {"lines": ["Kvarngatan 8"], "postal_code": "211 34", "city": "Malmö", "country": "SE"},
    "contact": {"name": "Accounts", "phone": "+46 40 555 01 90", "email": "ledger@lindqvist-offset.example"},
    "electronic": "5560123388",
    "electronic_scheme": "0007",
    "accounts": [{"iban": "SE35 5000 0000 0549 1000 0003", "name": "Lindqvist & Daughters AB", "bic": "ESSESESS"}],
    "creditor": "DE98ZZZ09999999999",
}


def layout(profile: str = "en16931", **more: Any) -> EInvoice:
    """The house's usual layout."""
    vat = [
        {"when": "reverse_charge", "category": "AE"},
        {"when": "export", "category": "G"},
        {"when": "intra_community", "category": "K"},
        {"when": "exempt", "category": "E", "reason": "Exempt under Article 132"},
        {"when": "outside", "category": "O"},
    ]
    given: dict[str, Any] = {
        "profile": profile,
        "seller": SELLER,
        "vat": vat,
        "units": {"pcs": "H87"},
        "discounts": "discount",
    }
    given |= {"credit": "credit_note", **more}
    return EInvoice.model_validate(given)


def invoice_of(chosen: EInvoice, one: Record, brand: Brand | None = None) -> Written | None:
    """The e-invoice of a record, dressed in the sample company's brand unless another is given."""
    return written(chosen, one, brand or default_brand())


def record() -> Record:
    """A plain invoice of two lines."""
    return {
        "number": "INV-2026-7",
        "issued_on": "2026-11-12",
        "due_on": "2026-12-02",
        "delivered_on": "2026-11-10",
        "currency": "EUR",
        "buyer_reference": "04011000-12345-34",
        "purchase_order": "PO 4500",
        "note": "Thank you.",
        "customer": {
            "key": "C-1",
            "name": "Stadt Bonn",
            "vat_number": "DE 123 456 789",
            "email": "04011000-12345-34",
            "electronic_scheme": "0204",
            "address": {"lines": ["Berliner Platz 2"], "postal_code": "53111", "city": "Bonn", "country": "DE"},
        },
        "lines": [
            {
                "text": "Letterheads",
                "detail": "A4, 100 g",
                "quantity": "2500",
                "unit": "pcs",
                "unit_price": "0.412",
                "rate": "25",
            },
            {"text": "Carriage", "quantity": "1", "unit": "pcs", "unit_price": "78.50", "rate": "25"},
        ],
    }


def _untaxed(flag: str) -> Callable[[Record], None]:
    def change(one: Record) -> None:
        one[flag] = True
        for line in one["lines"]:
            line["rate"] = "0"

    return change


def _discount(one: Record) -> None:
    one["lines"].append({"text": "Loyalty, 5 %", "discount": True, "amount": "-55.43", "rate": "25"})


def _credit(one: Record) -> None:
    one["preceding"] = [{"number": "INV-2026-6", "date": "2026-10-01"}]


def _credited(one: Record) -> None:
    one["credit_note"] = True
    _credit(one)


def _credited_discount(one: Record) -> None:
    one["kind"] = "credit-note"
    _credit(one)
    one["lines"][1]["rate"] = "12"
    one["allowances"] = [{"amount": "20.00", "reason": "Loyalty", "rate": "25", "code": "95"}]


def _credited_reverse(one: Record) -> None:
    _credited(one)
    _untaxed("reverse_charge")(one)


def _last_part(one: Record) -> None:
    """The invoice that ends a job: parts paid before, two rates, an allowance and a charge of each rate, a rounding."""
    one["lines"][1]["rate"] = "12"
    one["totals"] = {"prepaid": "400.00"}
    _credit(one)
    one["allowances"] = [{"percent": "2", "base": "1030.00", "reason": "Cash discount", "rate": "25", "code": "95"}]
    one["charges"] = [{"amount": "9.00", "reason": "Packing", "rate": "12", "code": "PC"}]


#: What makes each variant of the plain invoice.
VARIANTS: dict[str, Callable[[Record], None]] = {
    "plain": lambda one: None,
    "credit-note": lambda one: one.update(kind="381", preceding=[{"number": "INV-2026-6", "date": "2026-10-01"}]),
    "corrected": lambda one: one.update(kind="384", preceding=[{"number": "INV-2026-6", "date": "2026-10-01"}]),
    "credit-note-by-flag": _credited,
    "credit-note-with-discount": _credited_discount,
    "credit-note-reverse-charge": _credited_reverse,
    "prepayment-invoice": lambda one: one.update(kind="386"),
    "last-part": _last_part,
    "prepayment": lambda one: one.update(totals={"prepaid": "500.00"}),
    "discount-row": _discount,
    "allowance-and-charge": lambda one: one.update(
        allowances=[
            {"amount": "50.00", "base": "1000.00", "percent": "5", "reason": "Loyalty", "rate": "25", "code": "95"}
        ],
        charges=[{"amount": "12.00", "reason": "Packing", "rate": "25", "code": "PC"}],
    ),
    "allowance-on-line": lambda one: one["lines"][0].update(
        allowances=[{"amount": "30.00", "reason": "Slight flaw"}], charges=[{"amount": "4.00", "reason": "Express"}]
    ),
    "several-rates": lambda one: one["lines"][1].update(rate="12"),
    "zero-rated": lambda one: one["lines"][1].update(rate="0"),
    "rounding": lambda one: one.update(totals={"rounding": "0.02"}),
    "reverse-charge": _untaxed("reverse_charge"),
    "intra-community": _untaxed("intra_community"),
    "export": _untaxed("export"),
    "exempt": _untaxed("exempt"),
    "outside-vat": _untaxed("outside"),
    "price-base": lambda one: one["lines"][0].update(price_base="100", unit_price="41.20"),
    "returned-goods": lambda one: one["lines"].append(
        {"text": "Returned", "quantity": "-10", "unit": "pcs", "unit_price": "0.412", "rate": "25"}
    ),
    "period": lambda one: one.update(period={"from": "2026-10-01", "to": "2026-10-31"}),
    "elsewhere": lambda one: one.update(
        delivery={
            "name": "Lager",
            "address": {
                "lines": ["Weg 1", "Tor 2", "Haus 3", "Stock 4"],
                "postal_code": "53113",
                "city": "Bonn",
                "country": "DE",
            },
        }
    ),
    "attachment": lambda one: one.update(
        attachments=[{"id": "A1", "description": "Specification", "content": "JVBERi0x", "file": "spec.pdf"}]
    ),
    "direct-debit": lambda one: one.update(payment={"mandate": "M-1", "iban": "DE75512108001245126199"}),
    "references": lambda one: one.update(
        order="S-1",
        contract="V-2",
        project="P-3",
        receipt="R-4",
        despatch="D-5",
        tender="T-6",
        object="O-7",
        cost_account="K-8",
    ),
}


def variant(name: str) -> Record:
    """A record of that variant."""
    made = copy.deepcopy(record())
    VARIANTS[name](made)
    return made


SECTION = """
einvoice:
  profile: en16931
  when: sepa
  map: {BT-10: reference}
  discounts: discount
  vat:
    - {when: reverse_charge, category: AE}
    - {when: export, category: G}
  units: {"*": C62, kg: KGM}
  seller:
    name: Lindqvist & Daughters AB
    legal_id: 556012-3388
    vat: SE556012338801
    address: {lines: [Kvarngatan 8], postal_code: 211 34, city: Malmö, country: SE}
    contact: {name: Accounts, phone: +46 40 555 01 90, email: ledger@lindqvist-offset.example}
    electronic: ledger@lindqvist-offset.example
    accounts:
      - {iban: SE35 9990 0000 0193 1556 0120, name: Lindqvist & Daughters AB, bic: ORHKSEMM}
"""


def demo_files(
    section: str = SECTION, promises: str = "pdf/a-3a, pdf/ua-1", *, samples: tuple[str, ...] = ()
) -> dict[str, bytes]:
    """The demo's invoice template with a section ``einvoice``; ``samples`` by their numbers, all where none is named:
    publishing makes each of them in each language."""
    from postroom.composition.pack import read_folder

    files = read_folder(ROOT / "src/postroom/demo/templates/invoice")
    lines = files["template.yaml"].decode().splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("promises:"))
    lines[at] = f"promises: [{promises}]"
    files["template.yaml"] = ("\n".join(lines) + section).encode()
    if samples:
        files = {name: data for name, data in files.items() if not name.startswith("samples/") or name[8:10] in samples}
    return files
