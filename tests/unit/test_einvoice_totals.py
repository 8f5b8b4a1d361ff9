"""Totals by the arithmetic of EN 16931-1, held against a slow second reckoning in whole cents."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from postroom.composition.einvoice.model import AllowanceCharge, Line, Tax
from postroom.composition.einvoice.totals import breakdown, line_amount, signed, totals

RATES = [Tax("S", Decimal(rate)) for rate in ("25", "19", "7", "5.5")] + [Tax("Z", Decimal(0)), Tax("O", None)]
quantities = st.decimals("-9999", "9999", places=3)
prices = st.decimals("0", "99999", places=4)
money = st.decimals("0", "9999", places=2)
bases = st.none() | st.sampled_from([Decimal(1), Decimal(100), Decimal(1000)])
line_changes = st.lists(st.builds(AllowanceCharge, st.booleans(), money), max_size=2).map(tuple)
whole_changes = st.lists(st.builds(AllowanceCharge, st.booleans(), money, tax=st.sampled_from(RATES)), max_size=4)


def cents(value: Fraction) -> int:
    """Commercial rounding, away from zero, without Decimal."""
    doubled = abs(value) * 200
    whole = (doubled.numerator // doubled.denominator + 1) // 2
    return -whole if value < 0 else whole


@st.composite
def lines(draw: st.DrawFn) -> Line:
    quantity, price, base, changes = draw(quantities), draw(prices), draw(bases), draw(line_changes)
    amount = line_amount(quantity, price, base, changes)
    tax = draw(st.sampled_from(RATES))
    return Line("1", "Item", quantity, "H87", price, amount, tax, price_base=base, changes=changes)


@given(lines())
def test_a_line_is_price_times_quantity_with_its_changes(line: Line) -> None:
    exact = Fraction(line.quantity) * Fraction(line.price) / Fraction(line.price_base or 1)
    assert line.amount * 100 == cents(exact) + sum(cents(Fraction(signed(one))) for one in line.changes)
    assert -line.amount.as_tuple().exponent <= 2  # type: ignore[operator]


@given(st.lists(lines(), min_size=1, max_size=20), whole_changes, money, st.decimals("-0.99", "0.99", places=2))
def test_totals_agree_with_a_second_reckoning(
    rows: list[Line], changes: list[AllowanceCharge], prepaid: Decimal, rounding: Decimal
) -> None:
    # given lines and rates by chance
    taxes = breakdown(rows, changes)
    made = totals(rows, changes, taxes, prepaid=prepaid, rounding=rounding)
    # then every sum of the standard holds (BR-CO-10 to 16), in whole cents
    assert made.lines == sum(row.amount for row in rows)
    assert made.net == made.lines - made.allowances + made.charges
    assert made.gross == made.net + made.tax
    assert made.due == made.gross - prepaid + rounding
    assert sum(one.base for one in taxes) == made.net
    # and each rate stands once, with the tax of its base (BR-CO-17, BR-CO-18)
    assert len({one.tax.key for one in taxes}) == len(taxes)
    for one in taxes:
        assert one.amount * 100 == cents(Fraction(one.base) * Fraction(one.tax.rate or 0) / 100)
    assert made.tax * 100 == sum(cents(Fraction(one.base) * Fraction(one.tax.rate or 0) / 100) for one in taxes)


def test_planted_a_sum_of_rounded_taxes_differs_from_the_tax_of_the_sum() -> None:
    # given three lines of a cent's fraction: the standard taxes the base of a rate, not each line
    rows = [Line(str(n), "x", Decimal(1), "H87", Decimal("0.30"), Decimal("0.30"), RATES[1]) for n in range(3)]
    assert breakdown(rows, ())[0].amount == Decimal("0.17")
    assert 3 * breakdown(rows[:1], ())[0].amount == Decimal("0.18")
