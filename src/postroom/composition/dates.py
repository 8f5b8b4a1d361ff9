"""Days as people name them, as the moments at which something begins or is over, in the house's time zone."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from postroom.composition.errors import BadDates


def day_begins(day: str) -> dt.datetime | None:
    """The first moment of a day such as 2027-01-01; None for an empty text. Raises BadDates."""
    found = _day(day)
    return None if found is None else timezone.make_aware(dt.datetime.combine(found, dt.time()))


def day_after(day: str) -> dt.datetime | None:
    """The moment after a last day. Raises BadDates."""
    found = _day(day)
    if found is None:
        return None
    return timezone.make_aware(dt.datetime.combine(found + dt.timedelta(days=1), dt.time()))


def _day(text: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadDates(f"{text!r} is no day.", hint="Write it as 2027-01-01.") from error
