"""Take a schedule away. Its row stays, so that its runs can be explained and the removal undone."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append
from postroom.schedules.models import Schedule
from postroom.schedules.queries import locked


def remove_schedule(actor: Actor, key: str) -> Schedule:
    """It starts nothing any more; causes that are planned wait for it to be restored. Raises NoSchedule."""
    actor.require("schedule.manage")
    with transaction.atomic():
        found = locked(key)
        found.removed_at = clock.now()
        found.save(update_fields=["removed_at"])
        append(actor.name, [Act("schedule.removed", "schedule", found.pk)])
    return found
