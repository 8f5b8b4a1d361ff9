"""Start what a schedule would start, now."""

from __future__ import annotations

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import Conflict
from postroom.schedules.firing import fire
from postroom.schedules.gathering import gather
from postroom.schedules.models import CLOCK, NOTHING, WATCH, Firing
from postroom.schedules.queries import existing
from postroom.schedules.turns import turn_of
from postroom.schedules.watching import look


def run_now(actor: Actor, key: str) -> Firing:
    """Files that are new, the fixed file, or the causes that are due; its next due time stays as it is.

    Also while it is paused. Raises NoSchedule.
    """
    actor.require("schedule.manage")
    actor.require("run.start")
    found, now = existing(key), clock.now()
    with turn_of(found.pk) as ours:
        if not ours:
            raise Conflict(f"{found.name} is being started at this moment.", hint="Look at it again in a moment.")
        if found.goes_by == CLOCK:
            seen = look(found) if found.take == WATCH else None
            made = fire(found, now, by=actor, by_hand=True, seen=seen)
        else:
            made = gather(found, now, by=actor, by_hand=True)
    if made is not None:
        return made
    return Firing(schedule=found, due=now, at=now, state=NOTHING, by_hand=True, told="No cause is due.")
