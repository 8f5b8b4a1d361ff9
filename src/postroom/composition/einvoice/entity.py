"""The seller of the model from the section ``seller:`` of template.yaml: the legal entity that sends."""

from __future__ import annotations

import re

from postroom.composition.einvoice.layout import Seller
from postroom.composition.einvoice.model import Address, Contact, Identifier, Party


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
