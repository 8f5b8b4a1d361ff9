"""Hold a run: nothing more of it is composed or sent until it is released. What is being sent at the moment ends."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery.models import HELD as DELIVERY_HELD
from postroom.delivery.models import READY as DELIVERY_READY
from postroom.delivery.models import Delivery
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import NotFound
from postroom.ledger.append import Act, append
from postroom.production.errors import RunOnHold
from postroom.production.models import HELD, READY, SETTLED, Chunk, Run

#: Why a delivery is held, in its ``code``: its run, or its run's gate; "held" when a person chose just this one.
BY_RUN, BY_GATE = "run-held", "gate"


def hold_run(actor: Actor, run_id: uuid.UUID | str, reason: str = "") -> Run:
    """What becomes ready while the run is held (a retry, a fallback, a chunk just read) is held by the database
    (migration 0006). Raises RunOnHold when it is held, settled or cancelled already."""
    actor.require("run.hold")
    now = clock.now()
    with transaction.atomic():
        run = locked(run_id)
        if run.cancelled_at or run.state == SETTLED or run.held_at:
            state = "cancelled" if run.cancelled_at else "settled" if run.state == SETTLED else "held"
            raise RunOnHold(f"{run.ref} is {state} already.", hint="There is nothing to hold.")
        run.held_at, run.hold_reason = now, reason.strip()[:300]
        run.save(update_fields=["held_at", "hold_reason"])
        chunks = Chunk.objects.filter(run=run, state=READY).update(state=HELD)
        held = Delivery.objects.filter(run_id=run.pk, state=DELIVERY_READY).update(
            state=DELIVERY_HELD, code=BY_RUN, reason=run.hold_reason, changed_at=now
        )
        append(actor.name, [Act("run.held", "run", run.pk, {"chunks": chunks, "deliveries": held})])
        notices.tell(notices.RUNS, notices.DELIVERIES, *notices.of_run(run.pk))
    return run


def locked(run_id: uuid.UUID | str) -> Run:
    """The run, ours until the transaction ends: whoever makes something of it ready waits so long. Raises NotFound."""
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NotFound("There is no such run.", hint="See `postroom runs list`.")
    return run
