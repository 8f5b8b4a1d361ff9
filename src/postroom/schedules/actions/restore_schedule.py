"""Bring a removed schedule back."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.ledger.append import Act, append
from postroom.schedules.actions.resume_schedule import due_from_now
from postroom.schedules.models import Schedule
from postroom.schedules.queries import locked


def restore_schedule(actor: Actor, key: str) -> Schedule:
    """As it was, paused or not; what passed meanwhile is not caught up. Raises NoSchedule."""
    actor.require("schedule.manage")
    with transaction.atomic():
        found = locked(key, removed=True)
        if found.removed_at is not None:
            found.removed_at, found.next_due = None, due_from_now(found)
            found.save(update_fields=["removed_at", "next_due"])
            append(actor.name, [Act("schedule.restored", "schedule", found.pk)])
    return found
