"""Reading a parcel into chunks of records, as a stream that can be taken up again where it was cut.

Each chunk is one transaction: its rows, the run's count, and the wake-up of its composer. A reader that lost its run
to another one finds the count changed and stops.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from postroom.intake.detect import source_for
from postroom.intake.queries import drop_parcel_file, parcel_file
from postroom.intake.spec import BadRecord, SourceRecord
from postroom.kernel import clock, liveness, notices, packed
from postroom.kernel.errors import Conflict
from postroom.kernel.ids import new_id
from postroom.kernel.packed import copy_packed, fixed
from postroom.kernel.rows import copy_rows, new_ids
from postroom.ledger.append import Act, append
from postroom.production import exact_json
from postroom.production.errors import ClaimLost
from postroom.production.models import (
    CANCELLED,
    DONE,
    READING,
    READY,
    SET_ASIDE,
    WAITING,
    WORKING,
    Record,
    Run,
    SetAside,
)
from postroom.production.protocol import RELEASE_WAITS
from postroom.production.settling import settle_run
from postroom.production.wake import wake_composer, wake_reader

log = logging.getLogger("postroom.production")

Item = SourceRecord | BadRecord
#: What is done before each chunk is committed; it may raise ReadLater.
Between = Callable[[Run], None]
#: A run that made room for others is read on after so many seconds.
_LATER = 2.0
#: First what the records of a chunk have in common.
_RECORD = ("run_id", "chunk_id", "id", "ordinal", "line", "state", "revision", "data", "raw")
_PLACE, _NOTHING = fixed(16, "i", "q"), packed.text("")
_CHUNK = """
INSERT INTO run_chunk (id, run_id, no, state, tries, woken_at)
SELECT %s, %s, coalesce(max(no) + 1, 0), %s, 0, %s FROM run_chunk WHERE run_id = %s
"""


class ReadLater(Conflict):
    """Reading stops here and is taken up again later. Only readers meet it."""

    code = "read-later"
    title = "This parcel is read on later"


def read_parcel(run_id: uuid.UUID, between: Between | None = None) -> None:
    """Read what is not read yet. Does nothing when the run is read or somebody else reads it."""
    worker = liveness.current()
    try:
        run = _claimed(run_id, worker.number)
        if run is None or not _carried(run, worker.number, between):
            return
    except Exception:  # broad: a claim or a commit whose answer was lost may have happened, and nobody takes over
        _give_back(run_id, worker)  # what a living worker holds; so it is let go of, and the sweep has it read again
        raise
    drop_parcel_file(run.parcel)
    settle_run(run_id)


def _claimed(run_id: uuid.UUID, worker_lock: int) -> Run | None:
    """The run, ours to read. None when it is read already, or by somebody else."""
    free = Q(worker_lock=None) | Q(worker_lock=worker_lock) | Q(worker_lock__in=liveness.gone_now())
    if not Run.objects.filter(free, pk=run_id, state=READING).update(worker_lock=worker_lock):
        return None
    return Run.objects.select_related("parcel").get(pk=run_id)


def _carried(run: Run, worker_lock: int, between: Between | None) -> bool:
    """Read to the end and say so. False: it is read on later."""
    try:
        received = _read(run, worker_lock, between)
    except ReadLater:
        _leave(run, worker_lock)
        return False
    with transaction.atomic():
        changed = Run.objects.filter(pk=run.pk, state=READING, worker_lock=worker_lock, received=received).update(
            state=WORKING, worker_lock=None, received_at=clock.now()
        )
        if changed:
            append("system:intake", [Act("run.received", "run", run.pk, {"received": received})])
            notices.tell(notices.RUNS, *notices.of_run(run.pk))
    return True


def _give_back(run_id: uuid.UUID, worker: liveness.WorkerLock) -> None:
    """Nobody reads it now. If that cannot be written, this worker must end: the sweep frees what the dead left."""
    for wait in (*RELEASE_WAITS, None):
        try:
            connection.close()  # the old one may be what is broken
            Run.objects.filter(pk=run_id, state=READING, worker_lock=worker.number).update(
                worker_lock=None, woken_at=clock.now()
            )
            return
        except Exception:  # broad: whatever it is, the run must not stay with a worker that lives
            log.warning("run %s is not given back yet", run_id, exc_info=True)
            if wait is None:
                worker.release()
                return  # the fault that led here is raised by who called
            time.sleep(wait)


def _leave(run: Run, worker_lock: int) -> None:
    with transaction.atomic():
        mine = Run.objects.filter(pk=run.pk, state=READING, worker_lock=worker_lock)
        if mine.update(worker_lock=None, woken_at=clock.now()):
            wake_reader(run.pk, run.priority, after=_LATER)


def _read(run: Run, worker_lock: int, between: Between | None) -> int:
    """Commit chunk by chunk. The number of records of the whole parcel."""
    path = parcel_file(run.parcel)
    source = source_for(path, media_type=run.parcel.media_type, name=run.parcel.name, options=run.source_options)
    received = run.received
    for items in _batches(itertools.islice(source.read(path), received, None)):
        if between is not None:
            between(run)
        _commit(run, received, items, worker_lock)
        received += len(items)
    return received


def _batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    while batch := list(itertools.islice(items, settings.CONFIG.chunk_size)):
        yield batch


def _commit(run: Run, received: int, items: Sequence[Item], worker_lock: int) -> None:
    now = clock.now()
    with transaction.atomic():
        cancelled = _locked(run, received, worker_lock)
        composing = not cancelled and any(isinstance(item, SourceRecord) for item in items)
        chunk_id = add_chunk(run.pk, READY if composing else DONE, now)
        rows, aside, acts = [], [], []
        begun = packed.row(len(_RECORD)) + packed.ident(run.pk) + packed.ident(chunk_id)
        state = CANCELLED if cancelled else WAITING
        taken, refused = (packed.text(each) + packed.whole(0) for each in (state, SET_ASIDE))
        for item, record_id in zip(items, new_ids(len(items)), strict=True):
            own = begun + _PLACE.pack(16, record_id.bytes, 4, item.ordinal, 8, item.line)
            if isinstance(item, SourceRecord):
                rows.append(own + taken + packed.text(_data(item)) + _NOTHING)
                continue
            raw = item.raw.replace("\x00", "\ufffd")
            rows.append(own + refused + _NOTHING + packed.text(raw))
            problem = {"code": item.code, "path": item.path, "reason": item.reason, "hint": item.hint}
            aside.append((new_id(), run.pk, record_id, "read", item.code, json.dumps([problem]), now, ""))
            acts.append(Act("record.set_aside", "record", record_id, {"stage": "read", "code": item.code}))
        copy_packed(Record, _RECORD, rows)
        copy_rows(
            SetAside,
            ("id", "run_id", "record_id", "stage", "code", "problems", "created_at", "resolution"),
            aside,
        )
        with connection.cursor() as cursor:
            cursor.execute("UPDATE run SET received = %s WHERE id = %s", (received + len(items), run.pk))
        if composing:
            wake_composer(chunk_id, run.priority)
        append("system:intake", acts)
        notices.tell(notices.RUNS, notices.SET_ASIDE, *notices.of_run(run.pk))


def _locked(run: Run, received: int, worker_lock: int) -> bool:
    """Hold the run until the end of this transaction. Whether it was cancelled. Raises ClaimLost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT worker_lock, received, state, cancelled_at IS NOT NULL FROM run WHERE id = %s FOR UPDATE", (run.pk,)
        )
        found = cursor.fetchone()
    if found is None or tuple(found[:3]) != (worker_lock, received, READING):
        raise ClaimLost(f"Run {run.ref} is read by another worker.", hint="Nothing has to be done.")
    return bool(found[3])


def _data(item: SourceRecord) -> str:
    """PostgreSQL text holds no NUL; a record with one is told so at validation, not lost here."""
    return exact_json.storable(exact_json.dumps(item.data))


def add_chunk(run_id: uuid.UUID, state: str, at: dt.datetime) -> uuid.UUID:
    """A new chunk of a run whose row is locked. Corrected records have chunks of their own, and the size of chunks may
    change between two starts: so its number is not computed from what was received."""
    chunk_id = new_id()
    with connection.cursor() as cursor:
        cursor.execute(_CHUNK, (chunk_id, run_id, state, at, run_id))
    return chunk_id
