"""Whether a letter needs a second person: by kind, amount and number of recipients, as an administrator set it.

Limits that name a letter's own template take the place of those for all others. Of the limits that count, each that is
passed asks; ``never`` asks for nobody. An amount that cannot be read asks, too: what is not known is not small.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from postroom.composition.paths import look, split
from postroom.composition.prepare import Prepared
from postroom.kernel.money import NotMoney, parse_amount
from postroom.production.letters.models import ALWAYS, AMOUNT, COUNT, Limit


def in_use(template: str = "") -> list[Limit]:
    """Limits that hold; with ``template`` those that count for its letters."""
    rows = list(Limit.objects.filter(removed_at=None))
    if not template:
        return rows
    own = [row for row in rows if row.template_key == template]
    return own or [row for row in rows if not row.template_key]


def asks(template: str, prepared: Sequence[Prepared]) -> list[dict[str, Any]]:
    """Why somebody else has to look at it: the limits that are passed, as plain facts; empty: nobody has to."""
    return [told for row in in_use(template) if (told := _asks(row, prepared)) is not None]


def _asks(limit: Limit, prepared: Sequence[Prepared]) -> dict[str, Any] | None:
    if limit.verb == ALWAYS:
        return {"verb": ALWAYS}
    if limit.verb == COUNT and len(prepared) > (limit.count or 0):
        return {"verb": COUNT, "above": str(limit.count or 0), "found": str(len(prepared))}
    if limit.verb == AMOUNT:
        above = limit.above or Decimal(0)
        found = list(_amounts(limit.field, prepared))
        if None in found:
            return {"verb": AMOUNT, "above": _plain(above), "found": ""}
        most = max((one for one in found if one is not None), default=Decimal(0))
        if abs(most) > above:
            return {"verb": AMOUNT, "above": _plain(above), "found": _plain(most)}
    return None


def _amounts(field: str, prepared: Iterable[Prepared]) -> Iterable[Decimal | None]:
    """The amount of each letter; None where none can be read."""
    for one in prepared:
        if not field:
            yield one.facts.amount
            continue
        value = look(one.record, split(field))
        try:
            yield parse_amount(str(value)) if value is not None else None
        except NotMoney:
            yield None


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
