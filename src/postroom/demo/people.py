"""The customers and staff of the sample company. Everybody here is invented; addresses only look right.

Mail addresses end in ``.example`` (RFC 2606), so that a slip of the keyboard reaches nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom the company writes to. ``kind`` is ``company`` or ``person``; ``preferred_channel`` is a channel's name
    (``email``, ``portal``, or ``folder`` for a letter); ``address`` is shaped as the contracts want it."""

    key: str
    name: str
    kind: str
    language: str
    country: str
    email: str
    address: dict[str, Any] = field(hash=False)
    preferred_channel: str
    contact: str = ""
    vat_number: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who works at the sample company and signs in to the desk."""

    username: str
    name: str
    role: str
    email: str


USERS = (
    User("ingrid", "Ingrid Lindqvist", "administrator", "ingrid@lindqvist-offset.example"),
    User("olle", "Olle Stråhle", "operator", "olle@lindqvist-offset.example"),
    User("mirja", "Mirja Aho", "records_manager", "mirja@lindqvist-offset.example"),
    User("nils", "Nils Borg", "author", "nils@lindqvist-offset.example"),
    User("britta", "Britta Sandgren", "approver", "britta@lindqvist-offset.example"),
    User("petra", "Petra Ekdahl", "clerk", "petra@lindqvist-offset.example"),
    User("tomas", "Tomas Viklund", "auditor", "tomas@lindqvist-offset.example"),
)

_TABLE = Path(__file__).with_name("data") / "customers.txt"


def read() -> list[Customer]:
    """All forty customers, in the order of the table."""
    rows = _TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return [_customer([cell.strip() for cell in row.split("|")]) for row in rows]


def _customer(cells: list[str]) -> Customer:
    key, name, contact, language, country, street, code, city, region, email, way, vat = cells
    address: dict[str, Any] = {"lines": [line.strip() for line in street.split(";")], "postal_code": code, "city": city}
    if region:
        address["region"] = region
    address["country"] = country
    if country != "SE":
        address["abroad"] = True
    if country == "US":
        address["code_after_city"] = True
    if country == "GB":
        address["code_below_city"] = True
    person = contact == "-"
    return Customer(
        key=key,
        name=name,
        kind="person" if person else "company",
        language=language,
        country=country,
        email=email,
        address=address,
        preferred_channel=way,
        contact="" if person else contact,
        vat_number=vat,
    )
