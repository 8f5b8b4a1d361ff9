"""From a record to the semantic model, by the template's layout.

Sums are calculated as the standard says and held against those the record states: what the page shows and what the
XML says come from one place, or the record is set aside with both figures.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from postroom.composition.einvoice import totals as arithmetic
from postroom.composition.einvoice.entity import Look, resolved, seller_of
from postroom.composition.einvoice.layout import ROWS, EInvoice, Seller
from postroom.composition.einvoice.model import (
    ZERO,
    Account,
    Address,
    AllowanceCharge,
    Attachment,
    Contact,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    Line,
    Party,
    Payment,
    Period,
    Preceding,
    Tax,
    TaxTotal,
    Totals,
)
from postroom.composition.einvoice.record import Reader
from postroom.composition.paths import look, split
from postroom.composition.problems import RecordRefused
from postroom.kernel.money import round_amount

_KINDS = {"": "380", "invoice": "380", "credit-note": "381", "corrected": "384"}
#: Kinds by which the seller owes the buyer, those that a record can be by name or flag.
_CREDIT = frozenset({"381"})
_UNIT = re.compile(r"[A-Z0-9]{2,3}")


def _no_brand(token: str) -> str:
    """For templates whose seller is written out."""
    return ""


@dataclass(slots=True)
class Filled:
    """The model, and for each term the place of the record it came from. ``rows``: record row of each line."""

    invoice: Invoice
    paths: dict[str, str]
    rows: list[int]


def fill(layout: EInvoice, record: dict[str, Any], brand: Look = _no_brand) -> Filled:
    """The model of ``record`` (after derivation). ``brand`` gives the texts of the brand that the document is dressed
    in. Raises RecordRefused with every reason."""
    filler = _Filler(layout, record, resolved(layout.seller, brand))
    made = filler.invoice()
    if filler.problems or made is None:
        raise RecordRefused(filler.problems)
    return Filled(made, filler.paths(), filler.kept)


class _Filler(Reader):
    def __init__(self, layout: EInvoice, record: dict[str, Any], seller: Seller) -> None:
        super().__init__(layout, record)
        self.seller = seller
        self.kept: list[int] = []

    def invoice(self) -> Invoice | None:
        number, issued, currency = self.text("BT-1"), self.day("BT-2"), self.text("BT-5")
        kind = self.kind()
        for term, value in (("BT-1", number), ("BT-2", issued), ("BT-5", currency), ("BT-44", self.text("BT-44"))):
            if not value:
                self.stop(term, "", f"An e-invoice must state {term}, and the record has none.", "Add the field.")
        if not re.fullmatch(r"[0-9]{2,3}", kind):
            known = ", ".join(name for name in _KINDS if name)
            self.stop(
                "BT-3", "", f"{kind!r} is no kind of invoice (BT-3).", f"Write {known}, or a code of UNTDID 1001."
            )
        lines, changes = self.lines()
        for term, charge in (("BG-20", False), ("BG-21", True)):
            changes += [one for at, row in self.each(term) if (one := self.change(term, at, row, charge))]
        if not lines:
            self.stop("BG-25", "", "An e-invoice has one line at least (BR-16).", "Send lines, or no e-invoice.")
        if self.problems or issued is None:
            return None
        reasons = dict(arithmetic.EXEMPT)
        for case in self.layout.vat:
            if case.reason or case.code:
                reasons[case.category] = (case.code, case.reason)
        taxes = arithmetic.breakdown(lines, changes, reasons)
        prepaid, rounding = self.number("BT-113") or ZERO, self.number("BT-114") or ZERO
        sums = arithmetic.totals(lines, changes, taxes, prepaid=prepaid, rounding=rounding)
        if rounding and self.layout.profile == "basic":
            self.stop("BT-114", "", "Factur-X BASIC cannot carry a rounding (BT-114).", "Take the profile en16931.")
        self.agree(sums, taxes)
        note = self.text("BT-22")
        taxed = all(one.tax.category != "O" for one in taxes)  # BR-O-02: outside VAT nobody's VAT number is stated
        return Invoice(
            number=number,
            issued=issued,
            kind=kind,
            currency=currency,
            seller=seller_of(self.seller, taxed=taxed),
            buyer=self.buyer(taxed=taxed),
            lines=tuple(lines),
            taxes=taxes,
            totals=sums,
            due=self.day("BT-9"),
            buyer_reference=self.text("BT-10"),
            project=self.text("BT-11"),
            contract=self.text("BT-12"),
            order=self.text("BT-13"),
            sales_order=self.text("BT-14"),
            receipt=self.text("BT-15"),
            despatch=self.text("BT-16"),
            tender=self.text("BT-17"),
            object_id=Identifier(self.text("BT-18")) if self.text("BT-18") else None,
            cost_account=self.text("BT-19"),
            terms=self.text("BT-20"),
            notes=(note,) if note else (),
            preceding=tuple(
                Preceding(self.text("BT-25", row), self.day("BT-26", at, row)) for at, row in self.each("BG-3")
            ),
            delivery=self.delivery(taxes, issued),
            period=self.period("BT-73", "BT-74"),
            payment=self.payment(currency, credit=kind in _CREDIT),
            changes=tuple(changes),
            attachments=tuple(self.attachments()),
        )

    def kind(self) -> str:
        """BT-3: the flag of a credit note goes before what ``kind`` says."""
        if self.layout.credit and look(self.record, split(self.layout.credit)):
            return _KINDS["credit-note"]
        said = self.text("BT-3")
        return _KINDS.get(said, said)

    def lines(self) -> tuple[list[Line], list[AllowanceCharge]]:
        lines: list[Line] = []
        discounts: list[AllowanceCharge] = []
        for index, (at, row) in enumerate(self.each("BG-25")):
            stated = self.number("BT-131", at, row)
            tax = self.tax(self.number("BT-152", at, row), at)
            if self.layout.discounts and look(row, split(self.layout.discounts)) and stated is not None and stated < 0:
                discounts.append(AllowanceCharge(False, -stated, self.text("BT-153", row) or "Discount", "95", tax=tax))
                continue
            made = self.line(str(len(lines) + 1), at, row, tax, stated)
            if made:
                lines.append(made)
                self.kept.append(index)
        return lines, discounts

    def line(self, id_: str, at: str, row: dict[str, Any], tax: Tax, stated: Decimal | None) -> Line | None:
        quantity, price = self.number("BT-129", at, row), self.number("BT-146", at, row)
        if quantity is None or price is None:
            if stated is None:
                self.stop("BT-131", at, "The line has neither an amount nor quantity and price.", "Add one of them.")
                return None
            quantity, price = Decimal(-1 if stated < 0 else 1), abs(stated)
        if price < 0:  # BR-27: a price is never negative, a quantity may be
            quantity, price = -quantity, -price
        base = self.number("BT-149", at, row)
        changes = [
            one
            for term, charge in (("BG-27", False), ("BG-28", True))
            for within, change in self.each(term, row)
            if (one := self.change("BG-21" if charge else "BG-20", f"{at}.{within}", change, charge, tax=False))
        ]
        amount = arithmetic.line_amount(quantity, price, base, changes)
        if stated is not None and round_amount(stated) != amount:
            reason = f"The line states {stated}, but quantity, price and allowances give {amount} (BT-131)."
            self.stop("BT-131", at, reason, "Correct the amount, or state what makes the difference.")
        gtin = self.text("BT-157", row)
        return Line(
            id=id_,
            name=self.text("BT-153", row),
            quantity=quantity,
            unit=self.unit(self.text("BT-130", row), at),
            price=price,
            amount=amount,
            tax=tax,
            note=self.text("BT-127", row),
            description=self.text("BT-154", row),
            seller_id=self.text("BT-155", row),
            buyer_id=self.text("BT-156", row),
            standard_id=Identifier(gtin, "0160") if gtin else None,
            order_line=self.text("BT-132", row),
            cost_account=self.text("BT-133", row),
            price_base=base,
            gross_price=self.number("BT-148", at, row),
            price_discount=self.number("BT-147", at, row),
            period=self.period("BT-134", "BT-135", at, row),
            changes=tuple(changes),
            origin=self.text("BT-159", row),
        )

    def change(
        self, group: str, at: str, row: dict[str, Any], charge: bool, *, tax: bool = True
    ) -> AllowanceCharge | None:
        amount, base, percent, rate, reason, code = list(ROWS[group])
        value = self.number(amount, at, row)
        share, of = self.number(percent, at, row), self.number(base, at, row)
        if value is None and share is not None and of is not None:
            value = round_amount(of * share / 100)
        if value is None or value < 0:
            self.stop(
                amount, at, f"The amount of an allowance or charge is missing or negative ({amount}).", "Correct it."
            )
            return None
        said = self.text(reason, row)
        return AllowanceCharge(
            charge=charge,
            amount=value,
            reason=said or ("Charge" if charge else "Discount"),  # BR-33, BR-38: a reason must stand there
            reason_code=self.text(code, row),
            base=of,
            percent=share,
            tax=self.tax(self.number(rate, at, row), at) if tax else None,
        )

    def tax(self, rate: Decimal | None, at: str) -> Tax:
        for case in self.layout.vat:
            if look(self.record, split(case.when)):
                if case.category in ("S", "L", "M"):
                    return Tax(case.category, rate or ZERO)
                if rate:
                    reason = f"The rate is {rate} %, but {case.when} says that no VAT is charged ({case.category})."
                    self.stop("BT-152", at, reason, f"Write 0, or take {case.when} out.")
                return Tax(case.category, None if case.category == "O" else ZERO)
        if rate is None:
            self.stop("BT-152", at, "The VAT rate is missing (BT-152).", "Add the rate in percent.")
            return Tax("S", ZERO)
        return Tax("S" if rate else "Z", rate)

    def unit(self, name: str, at: str) -> str:
        if not name:
            return "C62"  # UN/ECE Recommendation 20: one
        code = self.layout.units.get(name) or self.layout.units.get("*")
        if code is None and _UNIT.fullmatch(name):
            code = name
        if code is None:
            hint = "Add it to einvoice: units: in template.yaml, with its code, such as H87 for a piece."
            self.stop("BT-130", at, f"The unit {name!r} has no code of UN/ECE Recommendation 20 (BT-130).", hint)
        return code or "C62"

    def agree(self, sums: Totals, taxes: tuple[TaxTotal, ...]) -> None:
        for term, value in (
            ("BT-106", sums.lines),
            ("BT-109", sums.net),
            ("BT-110", sums.tax),
            ("BT-112", sums.gross),
            ("BT-115", sums.due),
        ):
            stated = self.number(term)
            if stated is not None and round_amount(stated) != value:
                reason = f"The record states {stated}, but the lines and rates give {value} ({term})."
                self.stop(term, "", reason, "Correct the figure, or the lines; EN 16931-1, 6.4.3 says how they add up.")
        left = {_rate(one.tax.rate): (one.base, one.amount) for one in taxes}
        for at, row in self.each("BG-23"):
            base, amount = left.pop(_rate(self.number("BT-119", at, row)), (ZERO, ZERO))
            for term, value in (("BT-116", base), ("BT-117", amount)):
                stated = self.number(term, at, row)
                if stated is not None and round_amount(stated) != value:
                    reason = f"The record states {stated}, but the lines give {value} at this rate ({term})."
                    self.stop(term, at, reason, "Correct the figure, or the rate of a line.")

    def buyer(self, *, taxed: bool) -> Party:
        contact, email = self.text("BT-56"), self.text("BT-49")
        scheme = self.text("BT-49-scheme") or "EM"
        key, registration = self.text("BT-46"), self.text("BT-47")
        return Party(
            name=self.text("BT-44"),
            address=self.address("BG-8") or Address(""),
            identifiers=(Identifier(key),) if key else (),
            legal_id=Identifier(registration) if registration else None,
            vat=re.sub(r"\s", "", self.text("BT-48")) if taxed else "",
            electronic=Identifier(email, scheme) if email else None,
            contact=Contact(name=contact) if contact else None,
        )

    def address(self, group: str) -> Address | None:
        found = self.raw(group)
        if not isinstance(found, dict):
            return None
        lines = [" ".join(str(one).split()) for one in found.get("lines") or ()]
        if len(lines) > 3:  # the standard has three; nothing is dropped
            lines = [*lines[:2], ", ".join(lines[2:])]
        get = {
            name: " ".join(str(found.get(name) or "").split()) for name in ("city", "postal_code", "region", "country")
        }
        return Address(lines=tuple(lines), **get)

    def delivery(self, taxes: tuple[TaxTotal, ...], issued: dt.date) -> Delivery | None:
        where, day, name = self.address("BG-15"), self.day("BT-72"), self.text("BT-70")
        if any(one.tax.category == "K" for one in taxes):  # BR-IC-11, BR-IC-12
            day = day or (None if self.period("BT-73", "BT-74") else issued)
            where = where or self.address("BG-8")
        return Delivery(name, None, day, where) if where or day or name else None

    def period(self, start: str, end: str, at: str = "", row: dict[str, Any] | None = None) -> Period | None:
        first, last = self.day(start, at, row), self.day(end, at, row)
        return Period(first, last) if first or last else None

    def payment(self, currency: str, *, credit: bool) -> Payment | None:
        seller, remittance, mandate = self.seller, self.text("BT-83"), self.text("BT-89")
        usual = "59" if mandate else "58" if currency == "EUR" else "30"
        means = self.text("BT-81") or self.layout.means or ("97" if credit else usual)
        if means == "59":
            debit = DirectDebit(mandate, seller.creditor, re.sub(r"\s", "", self.text("BT-91")))
            return Payment(means, remittance=remittance, debit=debit)
        if means == "97":  # UNTDID 4461: set off between the two; a credit note names no account of its sender
            return Payment(means, remittance=remittance)
        accounts = tuple(Account(re.sub(r"\s", "", one.iban), one.name, one.bic) for one in seller.accounts)
        return Payment(means, remittance=remittance, accounts=accounts) if accounts else None

    def attachments(self) -> Iterator[Attachment]:
        for at, row in self.each("BG-24"):
            content = b""
            if row.get("content"):
                try:
                    content = base64.b64decode(str(row["content"]), validate=True)
                except binascii.Error:
                    self.stop("BT-122", at, "The attachment's content is not base64 (BT-125).", "Encode it (RFC 4648).")
            name = self.text("BT-122", row)
            mime, file = str(row.get("mime") or "application/pdf"), str(row.get("file") or f"{name}.pdf")
            yield Attachment(name, self.text("BT-123", row), self.text("BT-124", row), content, mime, file)


def _rate(rate: Decimal | None) -> Decimal:
    return (rate or ZERO).normalize() if rate else ZERO
