"""The semantic model of an invoice: the business terms (BT-) and groups (BG-) of EN 16931-1 as frozen dataclasses.

Each field carries the number of its term in ``metadata["bt"]``, so that a rule's complaint, a path of the record and a
field are one thing. Amounts, quantities and rates are Decimal (P9); dates are dates; everything else is text. The
model states what an invoice says and nothing of how it is written: the writers (``cii``, ``ubl``) share it.
"""

# bt() only wraps dataclasses.field and makes nothing that instances share.
# ruff: noqa: RUF009

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


def bt(term: str, default: Any = ...) -> Any:
    """A field of the term ``term``; mandatory where no default is given."""
    metadata = {"bt": term}
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier and the scheme it is of: ISO 6523 ICD, EAS, or empty."""

    value: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address: BG-5, BG-8, BG-12, BG-15. ``lines`` has at most three, as the standard has."""

    country: str
    lines: tuple[str, ...] = ()
    city: str = ""
    postal_code: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """BG-6, BG-9."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Seller (BG-4) or buyer (BG-7)."""

    name: str
    address: Address
    trading_name: str = ""
    identifiers: tuple[Identifier, ...] = ()
    legal_id: Identifier | None = None
    vat: str = ""
    tax_number: str = ""
    legal_form: str = ""
    electronic: Identifier | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class TaxRepresentative:
    """BG-11."""

    name: str = bt("BT-62")
    vat: str = bt("BT-63")
    address: Address = bt("BG-12")


@dataclass(frozen=True, slots=True)
class Delivery:
    """BG-13: where and when goods went."""

    name: str = bt("BT-70", "")
    location: Identifier | None = bt("BT-71", None)
    date: dt.date | None = bt("BT-72", None)
    address: Address | None = bt("BG-15", None)


@dataclass(frozen=True, slots=True)
class Period:
    """BG-14, BG-26."""

    start: dt.date | None = None
    end: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """BG-17: where a credit transfer goes."""

    iban: str = bt("BT-84")
    name: str = bt("BT-85", "")
    bic: str = bt("BT-86", "")


@dataclass(frozen=True, slots=True)
class Card:
    """BG-18."""

    number: str = bt("BT-87")
    holder: str = bt("BT-88", "")


@dataclass(frozen=True, slots=True)
class DirectDebit:
    """BG-19."""

    mandate: str = bt("BT-89", "")
    creditor: str = bt("BT-90", "")
    debited_iban: str = bt("BT-91", "")


@dataclass(frozen=True, slots=True)
class Payment:
    """BG-16. ``means`` is of UNTDID 4461: 58 SEPA credit transfer, 59 SEPA direct debit, 30 credit transfer."""

    means: str = bt("BT-81")
    text: str = bt("BT-82", "")
    remittance: str = bt("BT-83", "")
    accounts: tuple[Account, ...] = bt("BG-17", ())
    card: Card | None = bt("BG-18", None)
    debit: DirectDebit | None = bt("BG-19", None)


@dataclass(frozen=True, slots=True)
class Tax:
    """A category of UNCL 5305 (S, Z, E, AE, K, G, O, L, M) and its rate in percent; none for O."""

    category: str
    rate: Decimal | None

    @property
    def key(self) -> tuple[str, Decimal | None]:
        """What BG-23 groups by."""
        return self.category, None if self.rate is None else self.rate.normalize()


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """BG-20, BG-21 of the invoice (with ``tax``), BG-27, BG-28 of a line. ``amount`` is never negative."""

    charge: bool
    amount: Decimal
    reason: str = ""
    reason_code: str = ""
    base: Decimal | None = None
    percent: Decimal | None = None
    tax: Tax | None = None


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """BG-23: one line of the VAT breakdown."""

    tax: Tax
    base: Decimal = bt("BT-116")
    amount: Decimal = bt("BT-117")
    reason: str = bt("BT-120", "")
    reason_code: str = bt("BT-121", "")


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22."""

    lines: Decimal = bt("BT-106")
    net: Decimal = bt("BT-109")
    gross: Decimal = bt("BT-112")
    due: Decimal = bt("BT-115")
    allowances: Decimal = bt("BT-107", ZERO)
    charges: Decimal = bt("BT-108", ZERO)
    tax: Decimal = bt("BT-110", ZERO)
    prepaid: Decimal = bt("BT-113", ZERO)
    rounding: Decimal = bt("BT-114", ZERO)


@dataclass(frozen=True, slots=True)
class Attachment:
    """BG-24: a supporting document, inside the invoice or where to find it."""

    id: str = bt("BT-122")
    description: str = bt("BT-123", "")
    link: str = bt("BT-124", "")
    content: bytes = bt("BT-125", b"")
    mime: str = "application/pdf"
    file: str = ""


@dataclass(frozen=True, slots=True)
class Preceding:
    """BG-3: the invoice that is credited, corrected or settled."""

    number: str = bt("BT-25")
    date: dt.date | None = bt("BT-26", None)


@dataclass(frozen=True, slots=True)
class Line:
    """BG-25. ``price`` is the net price (BT-146) of ``price_base`` units."""

    id: str = bt("BT-126")
    name: str = bt("BT-153")
    quantity: Decimal = bt("BT-129")
    unit: str = bt("BT-130")
    price: Decimal = bt("BT-146")
    amount: Decimal = bt("BT-131")
    tax: Tax = bt("BT-151")
    note: str = bt("BT-127", "")
    description: str = bt("BT-154", "")
    seller_id: str = bt("BT-155", "")
    buyer_id: str = bt("BT-156", "")
    standard_id: Identifier | None = bt("BT-157", None)
    order_line: str = bt("BT-132", "")
    cost_account: str = bt("BT-133", "")
    price_base: Decimal | None = bt("BT-149", None)
    gross_price: Decimal | None = bt("BT-148", None)
    price_discount: Decimal | None = bt("BT-147", None)
    period: Period | None = bt("BG-26", None)
    changes: tuple[AllowanceCharge, ...] = ()
    origin: str = bt("BT-159", "")
    attributes: tuple[tuple[str, str], ...] = bt("BG-32", ())


@dataclass(frozen=True, slots=True)
class Invoice:
    """A whole invoice. ``kind`` is of UNTDID 1001: 380 invoice, 381 credit note, 384 corrected invoice."""

    number: str = bt("BT-1")
    issued: dt.date = bt("BT-2")
    kind: str = bt("BT-3")
    currency: str = bt("BT-5")
    seller: Party = bt("BG-4")
    buyer: Party = bt("BG-7")
    lines: tuple[Line, ...] = bt("BG-25")
    taxes: tuple[TaxTotal, ...] = bt("BG-23")
    totals: Totals = bt("BG-22")
    due: dt.date | None = bt("BT-9", None)
    buyer_reference: str = bt("BT-10", "")
    project: str = bt("BT-11", "")
    contract: str = bt("BT-12", "")
    order: str = bt("BT-13", "")
    sales_order: str = bt("BT-14", "")
    receipt: str = bt("BT-15", "")
    despatch: str = bt("BT-16", "")
    tender: str = bt("BT-17", "")
    object_id: Identifier | None = bt("BT-18", None)
    cost_account: str = bt("BT-19", "")
    terms: str = bt("BT-20", "")
    notes: tuple[str, ...] = bt("BG-1", ())
    preceding: tuple[Preceding, ...] = bt("BG-3", ())
    payee: str = bt("BT-59", "")
    representative: TaxRepresentative | None = bt("BG-11", None)
    delivery: Delivery | None = bt("BG-13", None)
    period: Period | None = bt("BG-14", None)
    payment: Payment | None = bt("BG-16", None)
    changes: tuple[AllowanceCharge, ...] = ()
    attachments: tuple[Attachment, ...] = bt("BG-24", ())
