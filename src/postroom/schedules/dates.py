"""The date a cause goes by, found in its data, and the moment it is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from postroom.schedules import timing
from postroom.schedules.errors import BadEvent
from postroom.schedules.models import Schedule


def due_of(schedule: Schedule, day: dt.date) -> dt.datetime:
    """So many days after ``day``, at the schedule's time of day. Raises BadEvent."""
    try:
        moved = day + dt.timedelta(days=schedule.offset_days)
        return timing.on_day(moved, schedule.at_time or dt.time(6), schedule.time_zone)
    except (OverflowError, ValueError) as error:
        raise BadEvent(f"The date {day} cannot be reckoned with.", hint="Check the year.") from error


def date_in(data: Mapping[str, Any], field: str) -> dt.date:
    """The date in ``field``, a name or a path with dots. Raises BadEvent."""
    value: Any = data
    for step in field.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if not isinstance(value, str):
        raise BadEvent(
            f"The data has no date in {field!r}.", hint=f"Send {field} as 2026-11-30, or the due date beside the data."
        )
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError as error:
        raise BadEvent(f"{field} is {value[:40]!r}, which is no date.", hint="Write it as 2026-11-30.") from error
