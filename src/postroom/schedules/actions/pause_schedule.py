"""Let a schedule rest."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append
from postroom.schedules.models import Schedule
from postroom.schedules.queries import locked


def pause_schedule(actor: Actor, key: str) -> Schedule:
    """Nothing is started until it is resumed; events go on being noted. Harmless when it is paused already.
    Raises NoSchedule."""
    actor.require("schedule.manage")
    with transaction.atomic():
        found = locked(key)
        if found.paused_at is None:
            found.paused_at = clock.now()
            found.save(update_fields=["paused_at"])
            append(actor.name, [Act("schedule.paused", "schedule", found.pk)])
    return found
