"""The order of the stages: what happens to a chunk of records, from claim to commit.

Everything before ``commit`` can be done again by another worker without anybody noticing: bytes that no row names are
orphans in a segment. ``commit`` is one transaction that happens once, because it takes the claim with it. The steps
around it, and what each fault leads to, are in ``protocol.py``; here they are done with real parts.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass

from django.db import connection
from django.utils.text import slugify

from postroom.composition.queries import LivePack, live_pack
from postroom.delivery.dispatch import ticks
from postroom.delivery.protocol import LetGo, Pause, Ticks
from postroom.kernel import clock, liveness
from postroom.kernel.effects import Handlers
from postroom.kernel.effects import run as carry_through
from postroom.kernel.ids import new_id
from postroom.kernel.marks import mark, marks
from postroom.kernel.rows import new_ids
from postroom.production import exact_json, stages
from postroom.production import protocol as p
from postroom.production.commit import commit_chunk, give_up_chunk
from postroom.production.errors import IssuedMeanwhile
from postroom.production.marking import mark_again, mark_issued
from postroom.production.models import WAITING, Chunk, Run
from postroom.production.protocol import MOST_TRIES
from postroom.production.settling import settle_run
from postroom.production.work import Work
from postroom.vault.write import Batch

__all__ = ["MOST_TRIES", "compose_chunk", "load"]

log = logging.getLogger("postroom.production")

#: A claim need not survive the database: after a crash the chunk waits again, whoever thinks it is theirs finds another
#: claim, or none, when they commit, and nothing was done twice. So nobody waits for the disk here.
_TAKE = (
    "UPDATE run_chunk SET state = 'claimed', claim = %s, worker_lock = %s, tries = tries + 1, woken_at = %s"
    " WHERE id = %s AND state = 'ready' AND set_config('synchronous_commit', 'off', true) = 'off'"
)
#: What the stages look at in a run; whatever else is asked of it is read when it is asked. Statements of a chunk are
#: written out: putting a query of the ORM into words takes three times as long as PostgreSQL takes to answer it.
_OF_RUN = ("id", "ref", "template_version_id", "mapping", "destination", "priority", "started_by")
_OF_CHUNK = (
    f"SELECT c.tries, {', '.join(f'r.{name}' for name in _OF_RUN)}"  # noqa: S608  (names of ours)
    " FROM run_chunk c JOIN run r ON r.id = c.run_id WHERE c.id = %s"
)


def compose_chunk(chunk_id: uuid.UUID) -> bool:
    """Take a chunk from waiting records to documents with deliveries. False: it is claimed or done, nothing is."""
    with marks(chunk=chunk_id):
        return carry_through(p.composing(chunk_id), _COMPOSING)


@dataclass(slots=True)
class Job:
    """A chunk in hand. ``live`` is there once something is made of it; ``sends``: deliveries were."""

    chunk_id: uuid.UUID
    run: Run
    tries: int
    works: list[Work]
    live: LivePack | None = None
    sends: bool = False

    @property
    def pack(self) -> LivePack:
        if self.live is None:
            self.live = live_pack(self.run.template_version_id)
        return self.live


def _load(wanted: p.Load) -> Job:
    with connection.cursor() as cursor:
        cursor.execute(_OF_CHUNK, (wanted.chunk,))
        found = cursor.fetchone()
    if found is None:
        raise Chunk.DoesNotExist(f"there is no chunk {wanted.chunk}")
    tries, *facts = found
    run = Run.from_db("default", _OF_RUN, facts)
    mark(run=run.pk)
    return Job(wanted.chunk, run, tries, load(wanted.chunk))


def _make(wanted: p.Make) -> None:
    job: Job = wanted.job
    live, works = job.pack, job.works
    stages.map_to_contract(job.run, live, works)
    stages.check_and_format(live, works)
    stages.meet_recipients(works)
    stages.choose_channels(job.run, live, works)
    mark_issued(live, works)
    stages.make_documents(live, works)


def _put_bytes(wanted: p.PutBytes) -> Batch:
    job: Job = wanted.job
    return stages.store(job.pack, job.works)


def _commit(wanted: p.CommitChunk) -> None:
    job: Job = wanted.job
    live, batch = job.pack, wanted.batch
    while True:
        try:
            job.sends = commit_chunk(job.run, live, job.chunk_id, wanted.claim, job.works, batch, folder=_folder(live))
            return
        except IssuedMeanwhile:  # nothing of the chunk was committed: what is a duplicate now is made as one
            stages.make_documents(live, mark_again(live, job.works))
            batch = stages.store(live, job.works)


def _give_up(wanted: p.GiveUp) -> None:
    job: Job = wanted.job
    give_up_chunk(job.run, job.chunk_id, wanted.claim, job.works)


def _settle(wanted: p.SettleRun) -> bool:
    """Nothing is asked where deliveries were just made: whoever ends the last of them settles the run."""
    job: Job = wanted.job
    return False if job.sends else settle_run(job.run.pk)


def _take(wanted: p.TakeChunk) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, (wanted.claim, liveness.current().number, clock.now(), wanted.chunk))
        return bool(cursor.rowcount)


def _release(wanted: p.Release) -> None:
    """The sweep wakes it. On a new connection: the old one may be what is broken."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE run_chunk SET state = 'ready', claim = NULL, worker_lock = NULL, tries = tries - %s, woken_at = %s"
            " WHERE id = %s AND state = 'claimed' AND claim = %s",
            (0 if wanted.blame else 1, clock.now(), wanted.chunk, wanted.claim),
        )


_COMPOSING: Handlers = {
    p.NewClaim: lambda _: new_id(),
    p.TakeChunk: _take,
    p.Load: _load,
    p.Make: _make,
    p.PutBytes: _put_bytes,
    p.CommitChunk: _commit,
    p.GiveUp: _give_up,
    p.Release: _release,
    p.SettleRun: _settle,
    p.Taken: lambda wanted: log.info("chunk %s was taken over", wanted.chunk),
    Ticks: lambda _: ticks(),
    Pause: lambda wanted: time.sleep(wanted.seconds),
    LetGo: lambda _: liveness.current().release(),
}


def load(chunk_id: uuid.UUID) -> list[Work]:
    """The chunk's waiting records, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, data FROM run_record WHERE chunk_id = %s AND state = %s ORDER BY ordinal", (chunk_id, WAITING)
        )
        rows = cursor.fetchall()
    ids = new_ids(len(rows))
    read = exact_json.loads_all([data for _, data in rows])
    return [Work(row[0], data, own) for row, data, own in zip(rows, read, ids, strict=True)]


def _folder(live: LivePack) -> str:
    return slugify(live.pack.manifest.folder)
