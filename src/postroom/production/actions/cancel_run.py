"""Cancel what has not left yet."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery.models import CANCELLED as DELIVERY_CANCELLED
from postroom.delivery.models import HELD as DELIVERY_HELD
from postroom.delivery.models import READY as DELIVERY_READY
from postroom.delivery.models import Delivery
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import BadInput, Conflict, NotFound
from postroom.ledger.append import Act, append
from postroom.production.models import CANCELLED, CLOSED, DONE, HELD, READY, SETTLED, WAITING, Chunk, Record, Run
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
        run.held_at, run.hold_reason = None, ""
        run.gate = "" if run.gate == CLOSED else run.gate
        run.save(update_fields=["cancelled_at", "cancel_reason", "held_at", "hold_reason", "gate"])
        # By id: a chunk that a sweep frees meanwhile is cancelled when it is composed.
        waiting = Chunk.objects.select_for_update().filter(run=run, state__in=(READY, HELD))
        idle = list(waiting.values_list("pk", flat=True))
        records = Record.objects.filter(chunk__in=idle, state=WAITING).update(state=CANCELLED)
        records += Record.objects.filter(run=run, state=HELD).update(state=CANCELLED)
        Chunk.objects.filter(pk__in=idle).update(state=DONE)
        deliveries = cancel_waiting(run)
        append(actor.name, [Act("run.cancelled", "run", run.pk, {"records": records, "deliveries": deliveries})])
        notices.tell(notices.RUNS, notices.DELIVERIES, *notices.of_run(run.pk))
    settle_run(run.pk)
    return run


def cancel_waiting(run: Run) -> int:
    """Cancel the deliveries of a cancelled run that wait or are held. Again by each sweep, for those that an older
    version left: what comes back deferred now, or makes way for its fallback, the database cancels (migration 0006)."""
    return Delivery.objects.filter(run_id=run.pk, state__in=(DELIVERY_READY, DELIVERY_HELD)).update(
        state=DELIVERY_CANCELLED, code="run-cancelled", reason=run.cancel_reason, changed_at=clock.now()
    )
