"""The one transaction of a chunk: rows, deliveries, what was set aside, wake-ups, and last the ledger."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import uuid
from collections.abc import Sequence

from django.db import connection, transaction

from postroom.composition.queries import LivePack
from postroom.delivery.determine import destinations
from postroom.delivery.rows import DeliveryRows, Recipient
from postroom.delivery.wake import wake
from postroom.documents.rows import DocumentRows, NewDocument
from postroom.kernel import clock, failpoints, notices, registry
from postroom.kernel.ids import new_id
from postroom.kernel.meters import CHUNK_STAGE, count, timed
from postroom.kernel.rows import copy_rows
from postroom.ledger.append import Act, append
from postroom.production.errors import ClaimLost
from postroom.production.marking import refuse_issued
from postroom.production.models import CANCELLED, COMPOSED, SET_ASIDE, Run, SetAside
from postroom.production.work import Work, going_on
from postroom.vault.write import Batch

#: The run is held first: who cancels it waits until this chunk is through, and cancels what is left.
_CLOSE = """
WITH held AS MATERIALIZED (SELECT cancelled_at IS NOT NULL AS cancelled FROM run WHERE id = %s FOR SHARE)
UPDATE run_chunk SET state = 'done', claim = NULL, worker_lock = NULL FROM held
WHERE id = %s AND state = 'claimed' AND claim = %s RETURNING held.cancelled
"""
#: The longest title a document can have.
_TITLE = 300


@timed(CHUNK_STAGE, stage="commit")
def commit_chunk(
    run: Run, live: LivePack, chunk_id: uuid.UUID, claim: uuid.UUID, works: Sequence[Work], batch: Batch, *, folder: str
) -> bool:
    """All of the chunk or nothing. Whether there are deliveries now. Raises ClaimLost when another worker has taken the
    chunk over, IssuedMeanwhile when a number that is marked as an original is one no more."""
    now = clock.now()
    reproducible = bool(registry.provider("renderers", live.version.lane).reproducible)
    with transaction.atomic():
        cancelled = _close(run, chunk_id, claim)
        if cancelled:
            _mark([work.record_id for work in works], CANCELLED)
            append("system:production", [Act("chunk.cancelled", "run", run.pk, {"records": len(works)})])
            return False
        refuse_issued(live, works)
        batch.record()
        documents = DocumentRows(now)
        channels = {key: channel for key, channel, _ in destinations()}
        deliveries = DeliveryRows(now, channels, run.priority)
        acts: list[Act] = []
        done = []
        salts, at = secrets.token_bytes(16 * len(works)).hex(), 0
        run_id, version_id, kind = run.pk, live.version.pk, live.version.template_id
        version, engine, asset_lock = str(version_id), live.engine, live.asset_lock
        for work in going_on(works):
            if work.content is None or work.made_from is None or work.rendered is None:
                continue
            if work.party is None or work.choice is None:
                continue
            ready, party = work.ready, work.party
            facts = ready.facts
            new = NewDocument(
                kind=kind,
                number=facts.number,
                title=facts.title,
                party_id=party.id,
                folder=folder,
                issued_on=facts.date,
                amount=facts.amount,
                currency=facts.currency or "",
                language=facts.language,
                run_id=run_id,
                record_id=work.record_id,
                content=work.content,
                pages=work.rendered.pages,
                media_type=work.rendered.media_type,
                data=work.made_from,
                template_version_id=version_id,
                engine=engine,
                asset_lock=asset_lock,
                fixed_clock=ready.fixed_clock,
                reproducible=reproducible,
                index_text=f"{ready.index_text}\n{party.name}\n{party.key}",
                mark=ready.mark,
            )
            document_id = documents.document(new)
            enclosed = [document_id]
            if (invoice := _invoice(work, new)) is not None:
                enclosed.append(documents.document(invoice))
                acts.append(_composed(work, version, enclosed[1], [], invoice))
            documents.communication(
                party.id,
                facts.title,
                facts.language,
                enclosed,
                work.body,
                run_id,
                work.record_id,
                communication_id=work.communication_id,
            )
            first, salt = len(deliveries.made), salts[at : at + 32]
            at += 32
            deliveries.add(
                work.communication_id,
                Recipient(party.id, party.key, facts.recipient_email or party.email),
                work.choice,
                run_id=run_id,
                record_id=work.record_id,
                salt=salt,
            )
            decided = deliveries.digest(work.choice, salt)
            acts.append(_composed(work, version, document_id, deliveries.made[first:], new, decided))
            done.append(work.record_id)
        documents.write()
        # before the records are marked: a delivery of what was held meanwhile is made held
        deliveries.write(tally=False)
        _mark(done, COMPOSED)
        transaction.on_commit(lambda: count("postroom_documents_composed_total", len(done)))
        acts += _put_aside(run, works, now)
        for destination in deliveries.used:
            wake(destination, priority=run.priority)
        deliveries.tally()
        append("system:production", acts)
        notices.tell(notices.RUNS, notices.SET_ASIDE, *notices.of_run(run.pk))
        failpoints.reach("before-commit")
    return bool(deliveries.made)


def give_up_chunk(run: Run, chunk_id: uuid.UUID, claim: uuid.UUID, works: Sequence[Work]) -> None:
    """Set a chunk's records aside after its workers died too often."""
    for work in works:
        work.stop(
            "compose",
            "worker-died",
            "The workers composing this chunk died or failed again and again.",
            "See the worker's log, mend the cause (memory, disk, template), then resubmit.",
        )
    with transaction.atomic():
        if _close(run, chunk_id, claim):
            _mark([work.record_id for work in works], CANCELLED)
            return
        append("system:production", _put_aside(run, works, clock.now()))
        notices.tell(notices.RUNS, notices.SET_ASIDE, *notices.of_run(run.pk))


def _close(run: Run, chunk_id: uuid.UUID, claim: uuid.UUID) -> bool:
    """Take the claim with this transaction. Whether the run was cancelled meanwhile (it cannot be any more now)."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, (run.pk, chunk_id, claim))
        closed = cursor.fetchone()
    if closed is None:
        raise ClaimLost(
            f"Chunk {chunk_id} of {run.ref} was taken over by another worker.", hint="Nothing has to be done."
        )
    return bool(closed[0])


def _mark(record_ids: Sequence[uuid.UUID], state: str) -> None:
    if not record_ids:
        return
    ids = "{" + ",".join([one.hex for one in record_ids]) + "}"  # psycopg writes an array value by value
    with connection.cursor() as cursor:
        cursor.execute("UPDATE run_record SET state = %s WHERE id = ANY(%s::uuid[])", (state, ids))


def _put_aside(run: Run, works: Sequence[Work], now: dt.datetime) -> list[Act]:
    stopped = [work for work in works if work.problems]
    copy_rows(
        SetAside,
        ("id", "run_id", "record_id", "stage", "code", "problems", "created_at", "resolution"),
        [
            (new_id(), run.pk, work.record_id, work.stage, work.problems[0]["code"], json.dumps(work.problems), now, "")
            for work in stopped
        ],
    )
    _mark([work.record_id for work in stopped], SET_ASIDE)
    return [
        Act("record.set_aside", "record", work.record_id, {"stage": work.stage, "code": work.problems[0]["code"]})
        for work in stopped
    ]


def _invoice(work: Work, page: NewDocument) -> NewDocument | None:
    """The e-invoice as a document of its own, beside the page it states the same as. It is kept and never made again:
    what is made again of its record is the page. Without amount, as sums over documents would count it twice."""
    einvoice = work.ready.einvoice
    if einvoice is None or work.invoice is None or work.invoice_data is None:
        return None
    room = _TITLE - len(einvoice.name) - 3
    title = f"{page.title[:room]} · {einvoice.name}"
    return page._replace(
        title=title,
        amount=None,
        content=work.invoice,
        pages=0,
        media_type="application/xml",
        data=work.invoice_data,
        reproducible=False,
        mark="",
        index_text=f"{title}\n{page.number}\n{work.ready.facts.recipient_name}\n{work.ready.facts.recipient_key}",
    )


def _composed(
    work: Work,
    version: str,
    document_id: uuid.UUID,
    deliveries: Sequence[uuid.UUID],
    new: NewDocument,
    decided: str = "",
) -> Act:
    facts = {
        "sha256": new.content.sha256.hex(),
        "data_sha256": new.data.sha256.hex(),
        "template_version": version,
        "record": str(work.record_id),
        "deliveries": [str(delivery) for delivery in deliveries],
    }
    if decided:
        facts["decision_sha256"] = decided
    return Act("document.composed", "document", document_id, facts)
