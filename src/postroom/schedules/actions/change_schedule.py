"""Change what a schedule does from now on."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.ledger.append import Act, append
from postroom.schedules.actions.add_schedule import facts_of
from postroom.schedules.actions.resume_schedule import due_from_now
from postroom.schedules.errors import BadSchedule
from postroom.schedules.models import Schedule
from postroom.schedules.queries import locked
from postroom.schedules.wanted import Wanted, checked


def change_schedule(actor: Actor, key: str, wanted: Wanted) -> Schedule:
    """The key stays, and so does what it goes by: causes and files that were noted belong to that.

    Raises NoSchedule, BadSchedule, and what ``wanted.checked`` raises.
    """
    actor.require("schedule.manage")
    actor.require("run.start")
    columns = checked(wanted)
    with transaction.atomic():
        found = locked(key)
        if columns["goes_by"] != found.goes_by:
            raise BadSchedule(
                f"{found.key} goes by {found.goes_by}; that cannot be changed.",
                hint="Set up another schedule and remove this one.",
                field="goes_by",
            )
        columns.pop("key")
        again = (found.cron, found.time_zone) != (columns["cron"], columns["time_zone"])
        for name, value in columns.items():
            setattr(found, name, value)
        if again:
            found.next_due = due_from_now(found)
        found.trouble, found.trouble_hint, found.trouble_at = "", "", None
        found.save()
        append(actor.name, [Act("schedule.changed", "schedule", found.pk, facts_of(found))])
    return found
