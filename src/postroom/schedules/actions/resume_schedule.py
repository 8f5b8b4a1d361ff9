"""Let a paused schedule go on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append
from postroom.schedules import timing
from postroom.schedules.models import CLOCK, Schedule
from postroom.schedules.queries import locked


def resume_schedule(actor: Actor, key: str) -> Schedule:
    """Times that passed while it was paused are not caught up: a person wanted them left out. Causes that came due
    meanwhile are started. Harmless when it is not paused. Raises NoSchedule."""
    actor.require("schedule.manage")
    with transaction.atomic():
        found = locked(key)
        if found.paused_at is not None:
            found.paused_at, found.next_due = None, due_from_now(found)
            found.save(update_fields=["paused_at", "next_due"])
            append(actor.name, [Act("schedule.resumed", "schedule", found.pk)])
    return found


def due_from_now(schedule: Schedule) -> dt.datetime | None:
    """The next due time that has never fired, also when the clock was set back since the last one did."""
    if schedule.goes_by != CLOCK:
        return None
    last: dt.datetime | None = schedule.firings.filter(by_hand=False).aggregate(last=Max("due"))["last"]
    after = max(clock.now(), last) if last else clock.now()
    return timing.next_due(schedule.cron, schedule.time_zone, after)
