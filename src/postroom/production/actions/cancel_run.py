"""Cancel what has not left yet."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery.models import CANCELLED as DELIVERY_CANCELLED
from postroom.delivery.models import READY as DELIVERY_READY
from postroom.delivery.models import Delivery
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import BadInput, Conflict, NotFound
from postroom.ledger.append import Act, append
from postroom.production.models import CANCELLED, DONE, READY, SETTLED, WAITING, Chunk, Record, Run
from postroom.production.settling import settle_run


def cancel_run(actor: Actor, run_id: uuid.UUID | str, reason: str) -> Run:
    """Records not composed and deliveries not being sent are cancelled. What has left stays delivered, and counted."""
    actor.require("run.cancel")
    if not reason.strip():
        raise BadInput("A reason is needed.", hint="It is kept in the ledger's place of the run.")
    now = clock.now()
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is None:
            raise NotFound("There is no such run.", hint="See `postroom runs`.")
        if run.state == SETTLED or run.cancelled_at:
            raise Conflict(f"{run.ref} is {'cancelled' if run.cancelled_at else 'settled'} already.")
        run.cancelled_at, run.cancel_reason = now, reason.strip()[:300]
        run.save(update_fields=["cancelled_at", "cancel_reason"])
        # By id: a chunk that a sweep frees meanwhile is cancelled when it is composed.
        idle = list(Chunk.objects.select_for_update().filter(run=run, state=READY).values_list("pk", flat=True))
        records = Record.objects.filter(chunk__in=idle, state=WAITING).update(state=CANCELLED)
        Chunk.objects.filter(pk__in=idle).update(state=DONE)
        deliveries = cancel_waiting(run)
        append(actor.name, [Act("run.cancelled", "run", run.pk, {"records": records, "deliveries": deliveries})])
        notices.tell(notices.RUNS, notices.DELIVERIES, *notices.of_run(run.pk))
    settle_run(run.pk)
    return run


def cancel_waiting(run: Run) -> int:
    """Cancel the deliveries of a cancelled run that wait. Again by each sweep: one that was being sent at the time
    may come back deferred, or make way for its fallback."""
    return Delivery.objects.filter(run_id=run.pk, state=DELIVERY_READY).update(
        state=DELIVERY_CANCELLED, code="run-cancelled", reason=run.cancel_reason, changed_at=clock.now()
    )
