"""Money is Decimal from the door to the page (P9): parsed from text, never from a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from postroom.kernel.errors import BadInput

_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


class NotMoney(BadInput):
    """A value in a money field is not a decimal text such as ``"12.10"``."""

    code = "not-money"
    title = "This is not an amount of money"


def parse_amount(value: object, *, where: str = "") -> Decimal:
    """Decimal from a text such as ``"-1204.50"`` (at most 15 digits before and 6 after the point).

    Floats are refused: 0.1 + 0.2 is not 0.3 in binary, and a cent lost at the door is lost for good.
    """
    place = f" at {where}" if where else ""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        raise NotMoney(
            f"The amount{place} is the number {value!r}; amounts must be text.",
            hint=f'Write it as a text with a point, for example "{value:.2f}".',
            where=where,
        )
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise NotMoney(f"The amount{place} is {value!r}.", hint='Write it as a text such as "12.10".', where=where)
    text = str(value)
    if not _AMOUNT.fullmatch(text):
        raise NotMoney(
            f"The amount{place} is {text!r}.",
            hint='Use digits and one point, no thousands separators and no currency sign, such as "1204.50".',
            where=where,
        )
    return Decimal(text)


def round_amount(amount: Decimal, digits: int = 2) -> Decimal:
    """Commercial rounding (half away from zero) to ``digits`` places."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
