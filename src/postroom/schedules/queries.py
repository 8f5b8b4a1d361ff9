"""Reading schedules, what came of them, and the causes that wait."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.schedules import timing
from postroom.schedules.errors import NoSchedule
from postroom.schedules.models import CLOCK, Cause, Firing, Schedule


def schedules_visible_to(actor: Actor) -> QuerySet[Schedule]:
    """Schedules in use or paused, by name."""
    if not actor.may("schedule.view"):
        return Schedule.objects.none()
    return Schedule.objects.filter(removed_at=None).order_by("name", "key")


def schedule(actor: Actor, key: str) -> Schedule:
    """One schedule. Raises NoSchedule."""
    found = schedules_visible_to(actor).filter(key=key).first() if "\x00" not in key else None
    if found is None:
        raise _none(key)
    return found


def existing(key: str) -> Schedule:
    """A schedule for an act on it. Raises NoSchedule."""
    found = Schedule.objects.filter(key=key.replace("\x00", ""), removed_at=None).first()
    if found is None:
        raise _none(key)
    return found


def locked(key: str, *, removed: bool = False) -> Schedule:
    """A schedule about to be changed, its row locked until the transaction ends. Raises NoSchedule."""
    rows = Schedule.objects.select_for_update().filter(key=key.replace("\x00", ""))
    found = rows.first() if removed else rows.filter(removed_at=None).first()
    if found is None:
        raise _none(key)
    return found


def coming(found: Schedule, count: int = 5) -> list[dt.datetime]:
    """Its next due times; none while it is paused or goes by causes."""
    if found.goes_by != CLOCK or found.paused_at is not None or found.next_due is None:
        return []
    return [found.next_due, *timing.coming(found.cron, found.time_zone, found.next_due, count - 1)]


def firings_of(found: Schedule) -> QuerySet[Firing]:
    """What came of it, newest first."""
    return found.firings.order_by("-at", "-id")


def causes_of(found: Schedule) -> QuerySet[Cause]:
    """Its causes, those that are due first at the head."""
    return found.causes.order_by("due", "key")


def is_late(found: Schedule) -> bool:
    """Whether a due time has passed and nobody has taken care of it: no worker sweeps."""
    return (
        found.paused_at is None
        and found.next_due is not None
        and clock.now() - found.next_due > dt.timedelta(minutes=5)
    )


def _none(key: str) -> NoSchedule:
    return NoSchedule(f"There is no schedule {key!r}.", hint="See `postroom schedule list`.")
