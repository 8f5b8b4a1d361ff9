"""Deterministic input: one-page invoices with a payment QR code, as a foreign system would send them, and slips."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from postroom.composition.pack import load_folder
from postroom.demo.company import TEMPLATES, customers
from postroom.demo.invoices import invoice

LINES = 8

#: From the foreign shape to the contract of the sample company's invoice.
MAPPING = """
mapping: 1
template: invoice
fields:
  number: doc.no
  issued_on: doc.date
  due_on: doc.due
  currency: doc.currency
  order: doc.order
  sepa: doc.sepa
  reverse_charge: {from: doc.reverse_charge, optional: true}
  customer.key: buyer.id
  customer.name: buyer.name
  customer.contact: {from: buyer.contact, optional: true}
  customer.email: {from: buyer.mail, optional: true}
  customer.language: buyer.lang
  customer.vat_number: {from: buyer.vat, optional: true}
  customer.address.lines: buyer.street
  customer.address.postal_code: buyer.code
  customer.address.city: buyer.town
  customer.address.country: buyer.country
  customer.address.abroad: "buyer.country != 'SE'"
  lines:
    each: rows
    fields:
      text: name
      detail: {from: info, optional: true}
      quantity: qty
      unit: unit
      unit_price: price
      rate: vat
      amount: sum
  taxes:
    each: vat
    fields:
      rate: rate
      base: base
      amount: tax
  totals.net: sums.net
  totals.tax: sums.vat
  totals.gross: sums.gross
"""


def invoice_pack() -> dict[str, bytes]:
    """The sample company's invoice, promising PDF/A-2b as the budget says."""
    files = dict(load_folder(TEMPLATES / "invoice").files)
    files["template.yaml"] = files["template.yaml"].replace(b"[pdf/a-2a, pdf/ua-1]", b"[pdf/a-2b]")
    assert b"pdf/a-2b" in files["template.yaml"]
    return files


def foreign_invoices(count: int, first: int = 100_000) -> Iterator[dict[str, Any]]:
    """One-page invoices in euros with a SEPA code, each with other data."""
    random = Random(first)
    people = [one for one in customers() if one.country in {"DE", "FI", "NL", "FR", "AT"}]
    for number in range(first, first + count):
        one = random.choice(people)
        day = dt.date(2026, 1, 5) + dt.timedelta(days=random.randrange(300))
        yield _foreign(invoice(one, number, day, random, lines=LINES), f"{one.key}-{random.randrange(500)}")


def _foreign(made: dict[str, Any], key: str) -> dict[str, Any]:
    buyer, address = made["customer"], made["customer"]["address"]
    rows = [row for row in made["lines"] if "quantity" in row]
    return {
        "doc": {
            "no": made["number"],
            "date": made["issued_on"],
            "due": made["due_on"],
            "currency": made["currency"],
            "order": made["order"],
            "sepa": made["sepa"],
            **({"reverse_charge": True} if made.get("reverse_charge") else {}),
        },
        "buyer": {
            "id": key,
            "name": buyer["name"],
            **({"contact": buyer["contact"]} if "contact" in buyer else {}),
            "mail": buyer["email"],
            "lang": buyer["language"],
            **({"vat": buyer["vat_number"]} if "vat_number" in buyer else {}),
            "street": address["lines"],
            "code": address["postal_code"],
            "town": address["city"],
            "country": address["country"],
        },
        "rows": [
            {
                "name": row["text"],
                **({"info": row["detail"]} if row.get("detail") else {}),
                "qty": row["quantity"],
                "unit": row["unit"],
                "price": row["unit_price"],
                "vat": row["rate"],
                "sum": row["amount"],
            }
            for row in rows
        ],
        **_sums(rows),
    }


def _sums(rows: list[dict[str, Any]]) -> dict[str, Any]:
    from decimal import Decimal

    from postroom.kernel.money import round_amount

    bases: dict[str, Decimal] = {}
    for row in rows:
        bases[row["rate"]] = bases.get(row["rate"], Decimal(0)) + Decimal(row["amount"])
    taxes = [
        {"rate": rate, "base": f"{base:.2f}", "tax": f"{round_amount(base * Decimal(rate) / 100):.2f}"}
        for rate, base in sorted(bases.items())
    ]
    net = sum(bases.values(), Decimal(0))
    tax = sum((Decimal(each["tax"]) for each in taxes), Decimal(0))
    return {"vat": taxes, "sums": {"net": f"{net:.2f}", "vat": f"{tax:.2f}", "gross": f"{net + tax:.2f}"}}


SLIP: dict[str, bytes] = {
    "template.yaml": b"""key: slip
name: Slip
lane: typst
entry: main.typ
promises: [pdf/a-2b]
languages: [en]
language: customer.language
fonts: [Postroom Sans]
folder: Slips
document: {number: number, date: issued_on, title: title}
recipient: {key: customer.key, name: customer.name, email: customer.email}
mail: {attach: true}
""",
    "contract.json": json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": False,
            "required": ["number", "issued_on", "customer"],
            "properties": {
                "number": {"type": "string", "minLength": 1, "maxLength": 20},
                "issued_on": {"type": "string", "x-format": "date"},
                "customer": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["key", "name"],
                    "properties": {
                        "key": {"type": "string", "minLength": 1},
                        "name": {"type": "string", "minLength": 1},
                        "email": {"type": "string"},
                        "language": {"type": "string"},
                    },
                },
            },
        }
    ).encode(),
    "main.typ": b"""#import "postroom.typ": *
#set text(font: "Postroom Sans")
= #slot("document.title")
#slot("customer.name"), #slot("issued_on")
""",
    "words/en.json": b'{"title": "Slip {number}"}',
    "mail/subject.txt": b"{{ document.title }}",
    "mail/body.txt": b"Dear {{ view.customer.name }},\nhere is {{ document.title }}.\n{{ link }}\n",
    "samples/01.json": b'{"number": "S-1", "issued_on": "2026-11-12", "customer": {"key": "C-1", "name": "Holm",'
    b' "language": "en", "email": "holm@example.org"}}',
}
"""The least a template can be: one heading, one line, a mail of two lines."""


def slip(lane: str = "typst", *, mail: bool = True, key: str = "slip") -> dict[str, bytes]:
    """``SLIP`` in another lane, under another key, or for people who get no mail."""
    manifest = SLIP["template.yaml"].replace(b"lane: typst", f"lane: {lane}".encode())
    manifest = manifest.replace(b"key: slip\n", f"key: {key}\n".encode())
    files = {**SLIP, "template.yaml": manifest}
    if not mail:
        files = {name: content for name, content in files.items() if not name.startswith("mail/")}
        files["template.yaml"] = manifest.replace(b"mail: {attach: true}\n", b"")
    return files


def slips(count: int, *, mail: bool = True, parties: int = 500, label: str = "S") -> Iterator[dict[str, Any]]:
    """Records for ``SLIP``; the same ones every time for one ``label``, which keeps two runs apart."""
    for number in range(count):
        party = number % parties
        customer = {"key": f"P-{party}", "name": f"Party {party}", "language": "en"}
        if mail:
            customer["email"] = f"party.{party}@example.org"
        yield {"number": f"{label}-{number:07d}", "issued_on": "2026-11-12", "customer": customer}


def write_lines(path: Path, records: Iterator[dict[str, Any]]) -> Path:
    """One JSON object a line."""
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        for record in records:
            lines.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    return path
