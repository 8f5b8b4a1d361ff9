"""Release a run: a held one goes on where it was; one that waits at its gate is sent."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery.models import HELD as DELIVERY_HELD
from postroom.delivery.models import READY as DELIVERY_READY
from postroom.delivery.models import Delivery
from postroom.delivery.wake import wake
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.ledger.append import Act, append
from postroom.production.actions.hold_run import BY_GATE, BY_RUN, locked
from postroom.production.errors import NotComposed, RunOnHold
from postroom.production.models import CLOSED, DONE, HELD, READING, READY, RELEASED, WORKING, Chunk, Run
from postroom.production.settling import settle_run
from postroom.production.wake import wake_composer


def release_run(actor: Actor, run_id: uuid.UUID | str) -> Run:
    """The hold first, then the gate, by an act of its own: who lets work go on has not checked it yet.

    Deliveries that a person held one by one stay held. Raises RunOnHold, NotComposed.
    """
    actor.require("run.release")
    with transaction.atomic():
        run = locked(run_id)
        if run.cancelled_at or not (run.held_at or run.gate == CLOSED):
            raise RunOnHold(
                f"{run.ref} is cancelled." if run.cancelled_at else f"{run.ref} is not held.",
                hint="There is nothing to release.",
            )
        if run.held_at:
            _end_hold(actor, run)
        else:
            _open_gate(actor, run)
        notices.tell(notices.RUNS, notices.DELIVERIES, *notices.of_run(run.pk))
    settle_run(run.pk)
    return run


def composed(run: Run) -> bool:
    """Whether nothing of the run waits to be made into a document."""
    return run.state != READING and not Chunk.objects.filter(run=run).exclude(state=DONE).exists()


def _end_hold(actor: Actor, run: Run) -> None:
    run.held_at, run.hold_reason = None, ""
    run.save(update_fields=["held_at", "hold_reason"])
    waiting = list(Chunk.objects.filter(run=run, state=HELD).order_by("no").values_list("pk", flat=True))
    Chunk.objects.filter(pk__in=waiting).update(state=READY, woken_at=clock.now())
    for chunk_id in waiting:
        wake_composer(chunk_id)
    released = _let_go(run, BY_RUN)
    append(actor.name, [Act("run.let_go_on", "run", run.pk, {"chunks": len(waiting), "deliveries": released})])


def _open_gate(actor: Actor, run: Run) -> None:
    if not composed(run):
        raise NotComposed(
            f"{run.ref} is not composed yet.",
            hint="Wait until every record is a document or set aside, look at the check, then release it.",
        )
    run.gate, run.released_at = RELEASED, clock.now()
    run.save(update_fields=["gate", "released_at"])
    released = _let_go(run, BY_GATE)
    if run.state != WORKING:
        Run.objects.filter(pk=run.pk).update(state=WORKING, settled_at=None)
    append(actor.name, [Act("run.released", "run", run.pk, {"deliveries": released})])


def _let_go(run: Run, code: str) -> int:
    now = clock.now()
    held = Delivery.objects.filter(run_id=run.pk, state=DELIVERY_HELD, code=code)
    destinations = list(held.order_by().values_list("destination_id", flat=True).distinct())
    released = held.update(state=DELIVERY_READY, code="", reason="", changed_at=now)
    for destination in destinations:
        wake(destination)
    return released
