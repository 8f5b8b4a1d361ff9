"""One look at all schedules: what is due is started. Any number of processes may look at the same time."""

from __future__ import annotations

import datetime as dt
import logging
import uuid

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from postroom.kernel import clock
from postroom.kernel.errors import PostroomError
from postroom.schedules import timing
from postroom.schedules.firing import fire, skip, still_due
from postroom.schedules.gathering import gather
from postroom.schedules.models import (
    CATCH_EACH,
    CATCH_NEWEST,
    CLOCK,
    DOCUMENT,
    PLANNED,
    WATCH,
    Cause,
    Schedule,
)
from postroom.schedules.planning import plan_documents
from postroom.schedules.turns import turn_of
from postroom.schedules.watching import Look, look

log = logging.getLogger("postroom.schedules")

#: A time that is later than this was missed, where missed times are left out.
GRACE = dt.timedelta(minutes=10)
#: How long a due time waits for files that are still being written.
PATIENCE = dt.timedelta(hours=1)
_AT_ONCE = 24


def sweep_schedules() -> int:
    """Start what is due. How many due times and gatherings were taken care of.

    What stops one schedule is told on it and does not stop the others.
    """
    now, count = clock.now(), 0
    at_work = Schedule.objects.filter(paused_at=None, removed_at=None)
    due = Cause.objects.filter(schedule=OuterRef("pk"), state=PLANNED, due__lte=now)
    wanted = Q(next_due__lte=now) | Q(goes_by=DOCUMENT) | Exists(due)
    for pk in list(at_work.filter(wanted).order_by("next_due").values_list("pk", flat=True)):
        try:
            for _ in range(_AT_ONCE):
                if not _step(pk):
                    break
                count += 1
        except DatabaseError:
            raise
        except Exception as error:  # a fault of one schedule, whatever it is, must not stop the others
            log.warning("schedule %s: %s", pk, getattr(error, "message", None) or repr(error))
            _tell(pk, error)
    return count


def _step(pk: uuid.UUID) -> bool:
    """One due time or one gathering. Whether there may be more."""
    with turn_of(pk) as ours:
        schedule = Schedule.objects.filter(pk=pk, paused_at=None, removed_at=None).first()
        if schedule is None or not ours:
            return False
        if schedule.goes_by == CLOCK:
            return _by_clock(schedule)
        if schedule.goes_by == DOCUMENT:
            with transaction.atomic():
                plan_documents(Schedule.objects.select_for_update().get(pk=pk))
        return gather(schedule, clock.now()) is not None


def _by_clock(schedule: Schedule) -> bool:
    now = clock.now()
    if schedule.next_due is None or schedule.next_due > now:
        return False
    due, missed = _which(schedule, schedule.next_due, now)
    if due is None or schedule.firings.filter(due=due).exists():
        with transaction.atomic():
            if not still_due(schedule):
                return False
            if due is None:
                skip(schedule, schedule.next_due, missed)
            schedule.next_due = timing.next_due(schedule.cron, schedule.time_zone, due or now)
            schedule.save(update_fields=["next_due"])
        return True
    seen = _look_or_none(schedule) if schedule.take == WATCH else None
    if seen is not None and seen.growing and now - due < PATIENCE:
        return False
    return fire(schedule, due, seen=seen, missed=missed) is not None


def _which(schedule: Schedule, first: dt.datetime, now: dt.datetime) -> tuple[dt.datetime | None, int]:
    """The due time to take care of (None: all are too late), and how many are left out."""
    if schedule.catch_up == CATCH_EACH:
        return first, 0
    newest, before = timing.newest_due(schedule.cron, schedule.time_zone, first, now)
    if schedule.catch_up == CATCH_NEWEST or now - newest <= GRACE:
        return newest, before
    return None, before + 1


def _look_or_none(schedule: Schedule) -> Look | None:
    """What lies in the folder; None when it cannot be read, which the due time then tells."""
    try:
        return look(schedule)
    except PostroomError:
        return None


def _tell(pk: uuid.UUID, error: Exception) -> None:
    told = error.message if isinstance(error, PostroomError) else f"Something inside Postroom went wrong: {error!r}"
    hint = error.hint if isinstance(error, PostroomError) else "It is tried again; see the log of the worker."
    Schedule.objects.filter(pk=pk).update(trouble=told[:600], trouble_hint=hint[:600], trouble_at=clock.now())
