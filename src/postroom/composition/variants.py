"""Which variant of a content block a template gets: by brand, language, legal entity and date (ADR 0034).

A variant names what it is for; what it does not name it is right for always. Of those that are right, one is chosen for
each language of a template:

1. the language: exactly that one (``de-CH``), else its base (``de``), else a variant that names none, else the
   first language of the template, else the block's first variant;
2. among those, one for the legal entity before one for all;
3. one for the brand before one for all;
4. the one whose dates began last; then the order in which they stand.

A variant that names another brand or entity, or whose dates do not hold the day, is never taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Variant = Mapping[str, Any]


def choose(
    variants: Sequence[Variant], *, language: str, fallback: str = "", brand: str = "", entity: str = "", on: dt.date
) -> Variant | None:
    """The variant for a case; None where there is none."""
    right = [
        one
        for one in variants
        if _dated(one, on) and one.get("entity") in (None, "", entity) and one.get("brand") in (None, "", brand)
    ]
    for tag in _languages(language, fallback):
        spoken = [one for one in right if _tag(one) == tag]
        if spoken:
            return max(spoken, key=_weight)
    return right[0] if right else None


def speaks(one: Variant, language: str) -> bool:
    """Whether a variant is in a language, and not only what was there in its place."""
    return _tag(one) in ("", language.lower(), language.lower().partition("-")[0])


def turns(variants: Iterable[Variant], after: dt.date) -> set[dt.date]:
    """Days after which another variant may be right."""
    days: set[dt.date] = set()
    for one in variants:
        if one.get("from"):
            days.add(dt.date.fromisoformat(str(one["from"])))
        if one.get("until"):
            days.add(dt.date.fromisoformat(str(one["until"])) + dt.timedelta(days=1))
    return {day for day in days if day > after}


def _languages(language: str, fallback: str) -> list[str]:
    wanted = [language.lower(), language.lower().partition("-")[0], "", fallback.lower()]
    return list(dict.fromkeys(wanted))


def _tag(one: Variant) -> str:
    return str(one.get("language") or "").lower()


def _dated(one: Variant, on: dt.date) -> bool:
    day = on.isoformat()
    return str(one.get("from") or "") <= day and day <= str(one.get("until") or "9999-12-31")


def _weight(one: Variant) -> tuple[bool, bool, str]:
    return bool(one.get("entity")), bool(one.get("brand")), str(one.get("from") or "")
