"""The order of the stages: what happens to a chunk of records, from claim to commit.

Everything before ``commit`` can be done again by another worker without anybody noticing: bytes that no row names are
orphans in a segment. ``commit`` is one transaction that happens once, because it takes the claim with it.
"""

from __future__ import annotations

import logging
import uuid

from django.db import InterfaceError, OperationalError, connection
from django.utils.text import slugify

from postroom.composition.queries import LivePack, live_pack
from postroom.kernel import clock, liveness
from postroom.kernel.errors import Unavailable
from postroom.kernel.ids import new_id
from postroom.production import exact_json, stages
from postroom.production.commit import commit_chunk, give_up_chunk
from postroom.production.errors import ClaimLost
from postroom.production.models import WAITING, Chunk, Record
from postroom.production.settling import settle_run
from postroom.production.work import Work

log = logging.getLogger("postroom.production")

#: A chunk whose worker died this often is not tried again; its records are set aside with that reason.
MOST_TRIES = 5


def compose_chunk(chunk_id: uuid.UUID) -> None:
    """Take a chunk from waiting records to documents with deliveries. Does nothing when it is claimed or done."""
    claim = claim_chunk(chunk_id)
    if claim is None:
        return
    try:
        _compose(chunk_id, claim)
    except ClaimLost:
        log.info("chunk %s was taken over", chunk_id)
    except (Unavailable, OperationalError, InterfaceError):  # not the chunk's fault: it waits until that is over
        _release(chunk_id, claim, blame=False)
        raise
    except Exception:  # broad: no fault of one chunk may leave it claimed by a worker that lives
        _release(chunk_id, claim, blame=True)
        raise


def _release(chunk_id: uuid.UUID, claim: uuid.UUID, *, blame: bool) -> None:
    """Let the chunk wait again; the sweep wakes it. Without ``blame`` this try does not count."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE run_chunk SET state = 'ready', claim = NULL, worker_lock = NULL, tries = tries - %s, woken_at = %s"
            " WHERE id = %s AND state = 'claimed' AND claim = %s",
            (0 if blame else 1, clock.now(), chunk_id, claim),
        )


def _compose(chunk_id: uuid.UUID, claim: uuid.UUID) -> None:
    chunk = Chunk.objects.select_related("run").get(pk=chunk_id)
    run = chunk.run
    works = load(chunk)
    if chunk.tries > MOST_TRIES:
        give_up_chunk(run, chunk_id, claim, works)
    else:
        live = live_pack(run.template_version_id)
        stages.map_to_contract(run, live, works)
        stages.check_and_format(live, works)
        stages.meet_recipients(works)
        stages.choose_channels(run, live, works)
        stages.make_documents(live, works)
        batch = stages.store(live, works)
        commit_chunk(run, live, chunk_id, claim, works, batch, folder=_folder(live))
    settle_run(run.pk)


def claim_chunk(chunk_id: uuid.UUID) -> uuid.UUID | None:
    """Make the chunk ours, durably. None when it is not waiting."""
    claim = new_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE run_chunk SET state = 'claimed', claim = %s, worker_lock = %s, tries = tries + 1, woken_at = %s"
            " WHERE id = %s AND state = 'ready'",
            (claim, liveness.current().number, clock.now(), chunk_id),
        )
        return claim if cursor.rowcount else None


def load(chunk: Chunk) -> list[Work]:
    """The chunk's waiting records, in order."""
    rows = Record.objects.filter(chunk=chunk, state=WAITING).order_by("ordinal").values_list("pk", "data")
    return [Work(record_id, exact_json.loads(data), communication_id=new_id()) for record_id, data in rows]


def _folder(live: LivePack) -> str:
    return slugify(live.pack.manifest.folder)
