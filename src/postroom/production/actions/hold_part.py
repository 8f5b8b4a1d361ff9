"""Hold a part of a run, let it go on, or cancel it: a chunk, records or documents from..to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from postroom.delivery import models as d
from postroom.delivery.decide import BY_PERSON
from postroom.delivery.models import Delivery
from postroom.delivery.wake import wake
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import BadInput, Conflict
from postroom.ledger.append import Act, append
from postroom.production.actions.hold_run import BY_GATE, BY_RUN, locked
from postroom.production.models import CANCELLED, CLAIMED, HELD, READY, SETTLED, WAITING, WORKING, Chunk, Record, Run
from postroom.production.part import Part, records_in
from postroom.production.reading import add_chunk
from postroom.production.settling import settle_run
from postroom.production.wake import wake_composer

#: Records that are let go on together, in one chunk.
_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class Acted:
    """What an act did: ``records`` not composed yet and ``deliveries`` that had not left. ``left``: records that are
    being composed and deliveries that are being sent at this moment; they end as they would have, and what was held
    and comes back is not sent again."""

    records: int
    deliveries: int
    left: int = 0


def hold_part(actor: Actor, run_id: uuid.UUID | str, part: Part, reason: str = "") -> Acted:
    """A record that is being composed at this moment gets its deliveries held at their birth (migration 0006)."""
    actor.require("run.hold")
    with transaction.atomic():
        run = _open(run_id)
        ids = _ids(run, part)
        records = Record.objects.filter(pk__in=ids, state=WAITING).update(state=HELD)
        kept_back = Q(state=d.READY) | Q(state=d.HELD, code__in=(BY_RUN, BY_GATE))  # its run's release would send those
        deliveries = (
            _of(run, ids, d.READY, d.HELD)
            .filter(kept_back)
            .update(state=d.HELD, code=BY_PERSON, reason=reason.strip()[:300], changed_at=clock.now())
        )
        under_way = _of(run, ids, d.SENDING).update(code=BY_PERSON, reason=reason.strip()[:300])
        acted = Acted(records, deliveries, under_way)
        _note(actor, run, "run.part_held", acted)
    settle_run(run.pk)
    return acted


def release_part(actor: Actor, run_id: uuid.UUID | str, part: Part) -> Acted:
    """What was held of it goes on; while the whole run is held, or waits at its gate, it waits with it."""
    actor.require("run.release")
    with transaction.atomic():
        run = _open(run_id)
        ids = _ids(run, part)
        records, left = _go_on(run, ids)
        _of(run, ids, d.SENDING).filter(code=BY_PERSON).update(code="", reason="")
        held = _of(run, ids, d.HELD).filter(code=BY_PERSON)
        destinations = list(held.order_by().values_list("destination_id", flat=True).distinct())
        deliveries = held.update(state=d.READY, code="", reason="", changed_at=clock.now())
        for destination in destinations:
            wake(destination)
        if run.state == SETTLED and (records or deliveries):
            run.state, run.settled_at = WORKING, None
            run.save(update_fields=["state", "settled_at"])
        acted = Acted(records, deliveries, left)
        _note(actor, run, "run.part_released", acted)
    return acted


def cancel_part(actor: Actor, run_id: uuid.UUID | str, part: Part, reason: str) -> Acted:
    """What has not left of it never will. What has left stays delivered, and counted."""
    actor.require("run.cancel")
    if not reason.strip():
        raise BadInput("A reason is needed.", hint="It is kept with each delivery.")
    with transaction.atomic():
        run = _open(run_id)
        ids = _ids(run, part)
        records = Record.objects.filter(pk__in=ids, state__in=(WAITING, HELD)).update(state=CANCELLED)
        deliveries = _of(run, ids, d.READY, d.HELD).update(
            state=d.CANCELLED, code="cancelled", reason=reason.strip()[:300], changed_at=clock.now()
        )
        acted = Acted(records, deliveries, _of(run, ids, d.SENDING).count())
        _note(actor, run, "run.part_cancelled", acted)
    settle_run(run.pk)
    return acted


def _open(run_id: uuid.UUID | str) -> Run:
    run = locked(run_id)
    if run.cancelled_at:
        raise Conflict(f"{run.ref} is cancelled.", hint="Nothing of it waits any more.")
    return run


def _ids(run: Run, part: Part) -> list[uuid.UUID]:
    found = list(records_in(run, part).values_list("pk", flat=True))
    if not found:
        raise BadInput(f"{run.ref} has no such records.", hint="Look at the run; records are counted from 1.")
    return found


def _of(run: Run, records: Sequence[uuid.UUID], *states: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(run_id=run.pk, record_id__in=records, state__in=states)


def _go_on(run: Run, records: Sequence[uuid.UUID]) -> tuple[int, int]:
    """Held records wait again, in chunks of their own; how many, and how many are in a composer's hands.

    Those stay held: whether their composer has taken them is known when it has ended.
    """
    held = Record.objects.select_for_update().filter(pk__in=records, state=HELD).order_by("ordinal")
    busy = set(Chunk.objects.filter(run=run, state=CLAIMED).values_list("pk", flat=True))
    free = [record.pk for record in held if record.chunk_id not in busy]
    left = len(held) - len(free)
    for start in range(0, len(free), _TOGETHER):
        chunk_id = add_chunk(run.pk, READY, clock.now())
        Record.objects.filter(pk__in=free[start : start + _TOGETHER]).update(chunk=chunk_id, state=WAITING)
        wake_composer(chunk_id)
    return len(free), left


def _note(actor: Actor, run: Run, act: str, acted: Acted) -> None:
    facts = {"records": acted.records, "deliveries": acted.deliveries, "left": acted.left}
    if any(facts.values()):
        append(actor.name, [Act(act, "run", run.pk, facts)])
        notices.tell(notices.RUNS, notices.DELIVERIES, *notices.of_run(run.pk))
