"""The arithmetic of EN 16931-1, 6.4.3: from lines, allowances and charges to the VAT breakdown and the totals.

Rounding happens where the standard rounds and nowhere else: each line's net amount and each VAT amount, commercially,
to the two decimals that EN 16931 allows whatever the currency (BR-DEC).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal

from postroom.composition.einvoice.model import ZERO, AllowanceCharge, Line, Tax, TaxTotal, Totals
from postroom.kernel.money import round_amount

_EXACT = Context(prec=60)
#: Categories under which no VAT is charged: EN 16931 asks for a reason (BT-120, BT-121) and a rate of 0 (none for O).
EXEMPT = {
    "AE": ("VATEX-EU-AE", "Reverse charge"),
    "K": ("VATEX-EU-IC", "Intra-community supply"),
    "G": ("VATEX-EU-G", "Export outside the EU"),
    "O": ("VATEX-EU-O", "Not subject to VAT"),
    "E": ("", "Exempt from VAT"),
}


def line_amount(
    quantity: Decimal,
    price: Decimal,
    price_base: Decimal | None = None,
    changes: Iterable[AllowanceCharge] = (),
) -> Decimal:
    """BT-131: price of one unit times quantity, less the line's allowances, plus its charges."""
    amount = _EXACT.multiply(quantity, price)
    if price_base:
        amount = _EXACT.divide(amount, price_base)
    return round_amount(round_amount(amount) + sum((signed(one) for one in changes), ZERO))


def signed(change: AllowanceCharge) -> Decimal:
    """What an allowance (less) or charge (more) does to a sum."""
    return change.amount if change.charge else -change.amount


def breakdown(
    lines: Iterable[Line],
    changes: Iterable[AllowanceCharge],
    reasons: Mapping[str, tuple[str, str]] = EXEMPT,
) -> tuple[TaxTotal, ...]:
    """BG-23: one entry for each category and rate, in the order of first use. ``reasons``: category to (code, text)."""
    bases: dict[tuple[str, Decimal | None], tuple[Tax, Decimal]] = {}
    for tax, amount in (
        *((line.tax, line.amount) for line in lines),
        *((one.tax, signed(one)) for one in changes if one.tax),
    ):
        known, sofar = bases.get(tax.key, (tax, ZERO))
        bases[tax.key] = known, sofar + amount
    return tuple(
        TaxTotal(tax, base, tax_amount(base, tax.rate), *reversed(reasons.get(tax.category, ("", ""))))
        for tax, base in bases.values()
    )


def tax_amount(base: Decimal, rate: Decimal | None) -> Decimal:
    """BT-117 (BR-CO-17)."""
    return round_amount(_EXACT.multiply(base, rate or ZERO) / 100)


def totals(
    lines: Iterable[Line],
    changes: Iterable[AllowanceCharge],
    taxes: Iterable[TaxTotal],
    *,
    prepaid: Decimal = ZERO,
    rounding: Decimal = ZERO,
) -> Totals:
    """BG-22 (BR-CO-10 to BR-CO-16)."""
    changes = tuple(changes)
    lines_sum = sum((line.amount for line in lines), ZERO)
    allowances = sum((one.amount for one in changes if not one.charge), ZERO)
    charges = sum((one.amount for one in changes if one.charge), ZERO)
    net = lines_sum - allowances + charges
    tax = sum((one.amount for one in taxes), ZERO)
    return Totals(
        lines=lines_sum,
        allowances=allowances,
        charges=charges,
        net=net,
        tax=tax,
        gross=net + tax,
        prepaid=prepaid,
        rounding=rounding,
        due=net + tax - prepaid + rounding,
    )
