"""The seller of the model: the legal entity that sends, from template.yaml or from the brand of the template.

A brand's address and account are changed once for all templates, so an invoice whose page shows the brand's account
should state the brand's account in its XML, too. ``seller: brand`` takes everything from there; a text of ``seller:``
may hold ``{brand.line.vat}`` where only some of it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from postroom.composition.einvoice.layout import FROM_BRAND, Seller, SellerAccount, SellerAddress, SellerContact
from postroom.composition.einvoice.model import Address, Contact, Identifier, Party

#: Gives the text of a brand's token (``bank.iban``), empty where the brand has none.
Look = Callable[[str], str]
_Part = TypeVar("_Part", bound=BaseModel)
_TOKEN = re.compile(FROM_BRAND)
#: Where a brand usually has what an invoice must state of its seller; the first token that says something counts.
_USUAL: dict[str, tuple[str, ...]] = {
    "name": ("line.legal_name", "bank.holder", "name"),
    "trading_name": ("line.trading_name",),
    "legal_id": ("line.registration",),
    "legal_scheme": ("line.registration_scheme",),
    "legal_form": ("line.legal_form",),
    "vat": ("line.vat",),
    "tax_number": ("line.tax_number",),
    "electronic": ("line.electronic_address", "line.email"),
    "electronic_scheme": ("line.electronic_scheme",),
    "creditor": ("line.creditor",),
    "postal_code": ("bank.postal_code",),
    "city": ("bank.city",),
    "country": ("bank.country",),
    "contact": ("line.contact_name",),
    "phone": ("line.phone",),
    "email": ("line.email",),
    "iban": ("bank.iban",),
    "holder": ("bank.holder",),
    "bic": ("bank.bic",),
}
#: Terms and groups of the seller, and their place below ``seller:``.
_PLACES = {
    "BG-4": "name",
    "BT-27": "name",
    "BT-28": "trading_name",
    "BT-30": "legal_id",
    "BT-31": "vat",
    "BT-32": "tax_number",
    "BT-33": "legal_form",
    "BT-34": "electronic",
    "BG-5": "address.country",
    "BT-35": "address.lines",
    "BT-37": "address.city",
    "BT-38": "address.postal_code",
    "BT-39": "address.region",
    "BT-40": "address.country",
    "BG-6": "contact.name",
    "BT-41": "contact.name",
    "BT-42": "contact.phone",
    "BT-43": "contact.email",
    "BG-16": "accounts.iban",
    "BG-17": "accounts.iban",
    "BT-84": "accounts.iban",
    "BT-86": "accounts.bic",
    "BT-90": "creditor",
}
#: What an invoice cannot do without (BR-06, BR-09), and which token brings it.
_NEEDED = (("name", "a name (BT-27)"), ("country", "a country (BT-40)"), ("vat", "a VAT or tax number (BT-31, BT-32)"))


def resolved(given: Seller | str, brand: Look) -> Seller:
    """The seller with every token replaced by what the brand says. Empty texts are left to the rules."""
    if isinstance(given, str):
        return _of_brand(brand)
    return _replaced(given, brand)


def lacking(given: Seller | str, brand: Look, brand_name: str) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """What a brand does not say that the section counts on: place below ``seller``, what, hint."""
    if isinstance(given, str):
        found = _of_brand(brand)
        said = {"name": found.name, "country": found.address.country, "vat": found.vat or found.tax_number}
        for name, called in _NEEDED:
            if not said[name]:
                ways = (*_USUAL[name], *(_USUAL["tax_number"] if name == "vat" else ()))
                hint = f"Add {' or '.join(ways)} to the brand, or write the seller here."
                yield (), f"The brand {brand_name!r} does not give the seller {called}.", hint
        return
    for place, text in _texts(given, ()):
        for token in _TOKEN.findall(text):
            if not brand(token):
                yield (
                    place,
                    f"The brand {brand_name!r} has no {token!r}.",
                    "Add it to the brand, or write the text here.",
                )


def what_to_do(terms: tuple[str, ...], *, of_brand: bool) -> str:
    """Where to mend what a rule finds wrong with the seller, as one sentence; empty where none of the terms is his."""
    place = next((_PLACES[term] for term in terms if term in _PLACES), "")
    if not place:
        return ""
    if not of_brand:
        return f"Correct {place} under einvoice: seller: in template.yaml, and publish the template."
    group, _, last = place.rpartition(".")
    name = "contact" if place == "contact.name" else last
    tokens = _USUAL.get(name, ("bank.street",) if group == "address" else ())
    return f"Correct {' or '.join(tokens)} in the brand, and publish it."


def seller_of(given: Seller, *, taxed: bool) -> Party:
    """BG-4; without VAT identifier for an invoice outside VAT (BR-O-02)."""
    contact = given.contact
    return Party(
        name=given.name,
        address=Address(
            given.address.country,
            given.address.lines,
            given.address.city,
            given.address.postal_code,
            given.address.region,
        ),
        trading_name=given.trading_name,
        legal_id=Identifier(given.legal_id, given.legal_scheme) if given.legal_id else None,
        vat=re.sub(r"\s", "", given.vat) if taxed else "",
        tax_number=given.tax_number,
        legal_form=given.legal_form,
        electronic=Identifier(given.electronic, given.electronic_scheme) if given.electronic else None,
        contact=Contact(contact.name, contact.phone, contact.email) if contact else None,
    )


def _of_brand(brand: Look) -> Seller:
    said = {name: next((text for token in tokens if (text := brand(token))), "") for name, tokens in _USUAL.items()}
    street = " ".join(one for one in (brand("bank.street"), brand("bank.number")) if one)
    place = {name: said.pop(name) for name in ("postal_code", "city", "country")}
    person = {"name": said.pop("contact"), "phone": said.pop("phone"), "email": said.pop("email")}
    account = {"iban": said.pop("iban"), "name": said.pop("holder"), "bic": said.pop("bic")}
    parts: dict[str, Any] = {**said, "electronic_scheme": said["electronic_scheme"] or "EM"}
    parts["address"] = _made(SellerAddress, {**place, "lines": (street,) if street else (), "region": ""})
    parts["contact"] = _made(SellerContact, person) if any(person.values()) else None
    parts["accounts"] = (_made(SellerAccount, account),) if account["iban"] else ()
    return _made(Seller, parts)


def _made(kind: type[_Part], parts: dict[str, Any]) -> _Part:
    """Unchecked: what a brand lacks was told when the template was published, and the rules look at the result."""
    return kind.model_construct(None, **parts)


def _replaced(given: Seller, brand: Look) -> Seller:
    def told(value: Any) -> Any:
        if isinstance(value, str):
            return " ".join(_TOKEN.sub(lambda token: brand(token[1]), value).split()) if "{" in value else value
        if isinstance(value, tuple):
            return tuple(text for one in value if (text := told(one)) != "")
        if isinstance(value, BaseModel):
            return _made(type(value), {name: told(getattr(value, name)) for name in type(value).model_fields})
        return value

    made: Seller = told(given)
    return made


def _texts(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _texts(one, (*at, index))
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*at, name))
