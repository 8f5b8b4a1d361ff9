"""Set up a schedule."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.schedules import timing
from postroom.schedules.errors import ScheduleTaken
from postroom.schedules.models import CLOCK, DOCUMENT, Schedule
from postroom.schedules.wanted import Wanted, checked


def add_schedule(actor: Actor, wanted: Wanted) -> Schedule:
    """Whoever sets up a schedule starts its runs, so they need both permissions.

    A schedule by documents looks at documents made from now on. Raises what ``wanted.checked`` raises, ScheduleTaken.
    """
    actor.require("schedule.manage")
    actor.require("run.start")
    columns = checked(wanted)
    now = clock.now()
    due = timing.next_due(columns["cron"], columns["time_zone"], now) if columns["goes_by"] == CLOCK else None
    seen = now if columns["goes_by"] == DOCUMENT else None
    try:
        with transaction.atomic():
            made = Schedule.objects.create(
                id=new_id(), next_due=due, seen_until=seen, created_by=actor.name, created_at=now, **columns
            )
            append(actor.name, [Act("schedule.added", "schedule", made.pk, facts_of(made))])
    except IntegrityError as error:
        raise ScheduleTaken(
            f"There is a schedule {columns['key']!r} already.",
            hint="Choose another key. The key of a removed schedule stays with it.",
            field="key",
        ) from error
    return made


def facts_of(schedule: Schedule) -> dict[str, str | int | bool]:
    """What the ledger tells of a schedule: how it works, no paths and no data (P6)."""
    return {
        "goes_by": schedule.goes_by,
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "template": schedule.template_key,
        "destination": schedule.destination,
        "hold": schedule.hold,
    }
