"""The section ``einvoice:`` of template.yaml: where in a record the business terms of an invoice stand.

No XML here: template.yaml is read where the packages of the extra ``einvoice`` are not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from postroom.composition.shape import Field as Shape

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_Path = Annotated[str, StringConstraints(pattern=rf"^{_NAME}(\.{_NAME})*$", max_length=200)]
#: A path of the record, or ``=text`` for what is the same on every invoice.
_Source = Annotated[str, StringConstraints(pattern=rf"^(?:=.{{1,1000}}|{_NAME}(\.{_NAME})*)$")]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
#: A text of the seller that the brand knows: ``{brand.line.vat}``. The same tokens that payment codes take.
FROM_BRAND = r"\{brand\.((?:line|bank)\.[a-z][a-z0-9_-]*|name)\}"
_Country = Annotated[str, StringConstraints(pattern=rf"^(?:[A-Z]{{2}}|{FROM_BRAND})$")]
Category = Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M"]

#: Terms of the invoice as a whole, and where the house's invoice contract has them.
WHOLE = {
    "BT-1": "number",
    "BT-2": "issued_on",
    "BT-3": "kind",
    "BT-5": "currency",
    "BT-9": "due_on",
    "BT-10": "buyer_reference",
    "BT-11": "project",
    "BT-12": "contract",
    "BT-13": "purchase_order",
    "BT-14": "order",
    "BT-15": "receipt",
    "BT-16": "despatch",
    "BT-17": "tender",
    "BT-18": "object",
    "BT-19": "cost_account",
    "BT-20": "terms",
    "BT-22": "note",
    "BT-44": "customer.name",
    "BT-46": "customer.key",
    "BT-47": "customer.registration",
    "BT-48": "customer.vat_number",
    "BT-49": "customer.email",
    "BT-49-scheme": "customer.electronic_scheme",
    "BT-56": "customer.contact",
    "BT-70": "delivery.name",
    "BT-72": "delivered_on",
    "BT-73": "period.from",
    "BT-74": "period.to",
    "BT-81": "payment.means",
    "BT-83": "number",
    "BT-89": "payment.mandate",
    "BT-91": "payment.iban",
    "BT-106": "totals.lines",
    "BT-109": "totals.net",
    "BT-110": "totals.tax",
    "BT-112": "totals.gross",
    "BT-113": "totals.prepaid",
    "BT-114": "totals.rounding",
    "BT-115": "totals.due",
}
#: Objects ``{lines, postal_code, city, region, country}``.
ADDRESSES = {"BG-8": "customer.address", "BG-15": "delivery.address"}
#: Lists.
LISTS = {
    "BG-3": "preceding",
    "BG-20": "allowances",
    "BG-21": "charges",
    "BG-23": "taxes",
    "BG-24": "attachments",
    "BG-25": "lines",
}
#: Terms within a row of a list: the group, the term, the field of the row.
ROWS = {
    "BG-3": {"BT-25": "number", "BT-26": "date"},
    "BG-20": {
        "BT-92": "amount",
        "BT-93": "base",
        "BT-94": "percent",
        "BT-96": "rate",
        "BT-97": "reason",
        "BT-98": "code",
    },
    "BG-21": {
        "BT-99": "amount",
        "BT-100": "base",
        "BT-101": "percent",
        "BT-103": "rate",
        "BT-104": "reason",
        "BT-105": "code",
    },
    "BG-23": {"BT-116": "base", "BT-117": "amount", "BT-119": "rate"},
    "BG-24": {"BT-122": "id", "BT-123": "description", "BT-124": "link"},
    "BG-25": {
        "BT-127": "remark",
        "BT-129": "quantity",
        "BT-130": "unit",
        "BT-131": "amount",
        "BT-132": "order_line",
        "BT-133": "cost_account",
        "BT-134": "period.from",
        "BT-135": "period.to",
        "BT-146": "unit_price",
        "BT-147": "price_discount",
        "BT-148": "list_price",
        "BT-149": "price_base",
        "BT-152": "rate",
        "BT-153": "text",
        "BT-154": "detail",
        "BT-155": "article",
        "BT-156": "customer_article",
        "BT-157": "gtin",
        "BT-159": "origin",
        "BG-27": "allowances",
        "BG-28": "charges",
    },
}
_OF_ROWS = {term: group for group, terms in ROWS.items() for term in terms}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SellerAddress(_Strict):
    """BG-5."""

    lines: tuple[_Text, ...] = Field(default=(), max_length=3)
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: _Country


class SellerContact(_Strict):
    """BG-6."""

    name: str = ""
    phone: str = ""
    email: str = ""


class SellerAccount(_Strict):
    """BG-17."""

    iban: _Text
    name: str = ""
    bic: str = ""


class Seller(_Strict):
    """The legal entity that sends the invoices: BG-4, and where it is paid."""

    name: _Text
    trading_name: str = ""
    legal_id: str = ""
    legal_scheme: str = ""
    legal_form: str = ""
    vat: str = ""
    tax_number: str = ""
    electronic: str = ""
    electronic_scheme: str = "EM"
    address: SellerAddress
    contact: SellerContact | None = None
    accounts: tuple[SellerAccount, ...] = ()
    creditor: str = ""


class VatCase(_Strict):
    """Which category of UNCL 5305 holds where a field of the record says something; the first that fits counts."""

    when: _Path
    category: Category
    reason: str = ""
    code: str = ""


class EInvoice(_Strict):
    """``profile`` of ``profiles``; ``when``: only where this field holds something (or these have these values);
    ``carry``: the XML is inside the PDF, a file of its own beside it, or both; ``seller``: the legal entity, ``brand``
    for that of the template's brand; ``credit``: the flag of a record that makes it a credit note;
    ``unsaid``: terms that the page does not state, of those in ``agree``."""

    profile: Literal["basic", "en16931", "extended", "xrechnung-cii", "xrechnung-ubl", "peppol"]
    when: _Path | dict[_Path, str] | None = None
    carry: Literal["inside", "beside", "both"] = "inside"
    seller: Seller | Literal["brand"]
    map: dict[str, _Source] = Field(default_factory=dict)
    vat: tuple[VatCase, ...] = ()
    units: dict[str, str] = Field(default_factory=dict)
    discounts: _Path | None = None
    credit: _Path | None = None
    means: str = ""
    unsaid: tuple[str, ...] = ()

    @field_validator("map")
    @classmethod
    def _known(cls, given: dict[str, str]) -> dict[str, str]:
        for term in given:
            if term not in WHOLE and term not in ADDRESSES and term not in LISTS and term not in _OF_ROWS:
                raise ValueError(f"the business term {term!r} is not mapped; see docs/einvoice.md")
        return given

    def source(self, term: str) -> str:
        """Where a term stands: a path, or ``=text``."""
        group = _OF_ROWS.get(term)
        usual = ROWS[group][term] if group else {**WHOLE, **ADDRESSES, **LISTS}[term]
        return self.map.get(term, usual)

    def unknown(self, root: Shape) -> Iterator[tuple[tuple[str, ...], str]]:
        """What this section names and the contract does not have: place in the section, path."""
        for term, source in self.map.items():
            if source.startswith("="):
                continue
            group = _OF_ROWS.get(term)
            path = f"{self.source(group)}" if group else ""
            start = root.find(path) if path else root
            inside = start.items if start is not None and group else start
            if inside is None or inside.find(source) is None:
                yield ("map", term), f"{path}[].{source}" if path else source
        for place in [case.when for case in self.vat] + (
            [self.when] if isinstance(self.when, str) else list(self.when or ())
        ):
            if root.find(place) is None:
                yield ("vat" if any(case.when == place for case in self.vat) else "when",), place
        if self.credit and root.find(self.credit) is None:
            yield ("credit",), self.credit
        lines = root.find(self.source("BG-25"))
        if self.discounts and (lines is None or lines.items is None or lines.items.find(self.discounts) is None):
            yield ("discounts",), self.discounts
