"""Let many records that were set aside go on as they are, after their cause was mended."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.ledger.append import Act, append
from postroom.production.models import READY, SET_ASIDE, SETTLED, WAITING, WORKING, Record, Run, SetAside
from postroom.production.reading import add_chunk
from postroom.production.wake import wake_composer

#: Records in one transaction, and in one chunk.
_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class Resubmitted:
    """``left``: records that stay set aside, because they could not be read as data or their run was cancelled."""

    gone_on: int
    left: int


def resubmit_records(actor: Actor, record_ids: Iterable[uuid.UUID]) -> Resubmitted:
    """Like ``correct_record`` without data, for many: each goes through every stage again, and what is still wrong is
    set aside again. Records that are not set aside (any more) are passed over."""
    actor.require("record.correct")
    by_run: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    wanted = list(record_ids)
    for record_id, run_id in Record.objects.filter(pk__in=wanted, state=SET_ASIDE).values_list("pk", "run_id"):
        by_run[run_id].append(record_id)
    gone_on = sum(_resubmit(actor, run_id, some) for run_id, ids in by_run.items() for some in _batches(sorted(ids)))
    return Resubmitted(gone_on, sum(map(len, by_run.values())) - gone_on)


def _batches(ids: list[uuid.UUID]) -> list[list[uuid.UUID]]:
    return [ids[start : start + _TOGETHER] for start in range(0, len(ids), _TOGETHER)]


def _resubmit(actor: Actor, run_id: uuid.UUID, record_ids: Sequence[uuid.UUID]) -> int:
    """One chunk of one run. Locks records before their run, as ``correct_record`` does."""
    now = clock.now()
    with transaction.atomic():
        rows = Record.objects.select_for_update().filter(pk__in=record_ids, state=SET_ASIDE).exclude(data="")
        records = list(rows.order_by("pk"))
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.cancelled_at or not records:
            return 0
        chunk_id = add_chunk(run.pk, READY, now)
        ids = [record.pk for record in records]
        Record.objects.filter(pk__in=ids).update(chunk=chunk_id, state=WAITING)
        SetAside.objects.filter(record__in=ids, resolved_at=None).update(resolved_at=now, resolution="resubmitted")
        if run.state == SETTLED:
            run.state, run.settled_at = WORKING, None
            run.save(update_fields=["state", "settled_at"])
        wake_composer(chunk_id, priority=10)
        append(
            actor.name,
            [Act("record.resubmitted", "record", record.pk, {"revision": record.revision}) for record in records],
        )
        notices.tell(notices.RUNS, notices.SET_ASIDE, *notices.of_run(run_id))
    return len(records)
