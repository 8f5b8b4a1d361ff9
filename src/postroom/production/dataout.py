"""The data of a run as files for other systems: wanted when the run settles, written by a worker, kept in the vault.

What is written are the records that documents were made of, as they were kept beside them, so that the file and the
documents cannot state different things. One row for each document of the run, or the file is not ready (P3).
"""

from __future__ import annotations

import hashlib
import io
import logging
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django.db import connection, transaction

from postroom.composition.dataout.layout import Layout
from postroom.composition.dataout.rows import NotWritable, Sums, rows_of
from postroom.composition.dataout.writers import MEDIA, writer
from postroom.composition.queries import LivePack, live_pack
from postroom.composition.replay import record_of
from postroom.documents.models import Version
from postroom.kernel import clock, notices
from postroom.kernel.errors import PostroomError
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.production.models import COMPOSED, DataOutput, DataOutputPart, Record, Run
from postroom.production.wake import wake_data_writer
from postroom.vault.read import read_blob
from postroom.vault.write import Batch, StoredBlob

if TYPE_CHECKING:
    from typing_extensions import Buffer

log = logging.getLogger("postroom.production")

WORKER = "system:data-output"
PART_BYTES = 4 << 20
_TOGETHER = 200
_LOCK = 0x646F7574


def want(run: Run, by: str) -> list[DataOutput]:
    """Rows for what is to be written of a run that has come to rest, inside the caller's transaction. A layout whose
    file holds every document already is left alone."""
    try:
        layouts = live_pack(run.template_version_id).pack.layouts
    except PostroomError as error:  # a lane that was taken out keeps no run from settling
        log.warning("the data outputs of %s cannot be written: %s", run.ref, error.message)
        return []
    if not layouts:
        return []
    composed = Record.objects.filter(run=run, state=COMPOSED).count()
    made = []
    for key, layout in layouts.items():
        last = DataOutput.objects.filter(run=run, layout=key).order_by("-wanted_at", "-pk").first()
        if last is not None and (last.state == DataOutput.WAITING or last.records == composed):
            continue
        made.append(want_one(run, layout, by))
    return made


def want_one(run: Run, layout: Layout, by: str) -> DataOutput:
    """A row for a file that is to be written, and its wake-up, inside the caller's transaction."""
    now = clock.now()
    output = DataOutput.objects.create(
        id=new_id(),
        run=run,
        layout=layout.key,
        file_name=layout.file_name(run.ref)[:160],
        media_type=MEDIA[layout.format],
        state=DataOutput.WAITING,
        wanted_by=by,
        wanted_at=now,
        woken_at=now,
    )
    wake_data_writer(output.pk)
    return output


def write_output(output_id: uuid.UUID) -> bool:
    """Write what waits. False: another worker is at it, or it is done. What does not fit its layout is refused with the
    reason; it is wanted again with the next version of the template or by hand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK, str(output_id)))
        if not cursor.fetchone()[0]:
            return False
        try:
            output = DataOutput.objects.select_related("run").filter(pk=output_id, state=DataOutput.WAITING).first()
            if output is None:
                return False
            return _write(output)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (_LOCK, str(output_id)))


def _write(output: DataOutput) -> bool:
    live = live_pack(output.run.template_version_id)
    layout = live.pack.layouts.get(output.layout)
    if layout is None:
        return _refuse(output, "The template has no such layout any more.", "Start the run again.")
    parts = _Parts()
    sums, rows, records = Sums(layout.columns), 0, 0
    try:
        out = writer(layout, cast(BinaryIO, parts))
        for record, facts in _records(output.run, live):
            records += 1
            for row in rows_of(layout, record, facts):
                out.write(row)
                sums.add(row)
                rows += 1
        out.close()
    except NotWritable as error:
        return _refuse(output, error.message, error.hint)
    except PostroomError as error:  # a blob that is damaged or destroyed: said where the file would be
        return _refuse(output, error.message, error.hint)
    stored = parts.end()
    with transaction.atomic():
        parts.batch.record()
        run = Run.objects.select_for_update().get(pk=output.run_id)
        composed = Record.objects.filter(run=run, state=COMPOSED).count()
        if composed != records:  # more was composed meanwhile: once more, with all of it
            wake_data_writer(output.pk, after=1.0)
            return False
        output.state, output.records, output.rows, output.sums = DataOutput.READY, records, rows, sums.told()
        output.size, output.sha256, output.written_at = parts.size, parts.digest.digest(), clock.now()
        output.save()
        DataOutputPart.objects.bulk_create(
            DataOutputPart(output=output, no=no, blob_id=part.id) for no, part in enumerate(stored)
        )
        facts_told = {"run": run.ref, "layout": layout.key, "records": records, "sha256": parts.digest.hexdigest()}
        append(WORKER, [Act("data_output.written", "data_output", output.pk, facts_told)])
        notices.tell(notices.RUNS, *notices.of_run(run.pk))
    return True


def _refuse(output: DataOutput, reason: str, hint: str) -> bool:
    with transaction.atomic():
        output.state, output.problem = DataOutput.REFUSED, {"reason": reason, "hint": hint}
        output.written_at = clock.now()
        output.save(update_fields=["state", "problem", "written_at"])
        append(WORKER, [Act("data_output.refused", "data_output", output.pk, {"layout": output.layout})])
        notices.tell(notices.RUNS, *notices.of_run(output.run_id))
    return True


def _records(run: Run, live: LivePack) -> Iterator[tuple[Any, dict[str, Any]]]:
    """What each document of the run was made of, in the order of the file, and what is known of the document."""
    last = -1
    while True:
        wanted = Record.objects.filter(run=run, state=COMPOSED, ordinal__gt=last).order_by("ordinal")
        some = list(wanted.values_list("pk", "ordinal")[:_TOGETHER])
        if not some:
            return
        last = some[-1][1]
        versions = _versions(run, [pk for pk, _ in some])
        for pk, _ in some:
            version = versions[pk]
            if version.data_blob is None:
                raise RuntimeError("a document of a run keeps its data")
            document = version.document
            facts = {
                "run": run.ref,
                "template": run.template_key,
                "version": str(live.version.no),
                "mark": version.mark,
                "number": document.number,
                "title": document.title,
                "language": document.language,
                "document": str(document.pk),
                "sha256": bytes(version.sha256).hex(),
                "pages": version.pages,
            }
            yield record_of(read_blob(version.data_blob), live.pack.contract.shape), facts


def _versions(run: Run, records: list[uuid.UUID]) -> dict[uuid.UUID, Version]:
    """The first version of each record's document; an e-invoice beside it, which has no pages, does not count twice."""
    found = Version.objects.filter(document__record_id__in=records, document__run_id=run.pk, no=1)
    rows = found.select_related("document", "data_blob").order_by("pages", "created_at")
    return {version.document.record_id: version for version in rows if version.document.record_id}


class _Parts(io.RawIOBase):
    """Takes a file of any size and puts it into the vault in slices."""

    def __init__(self) -> None:
        self.batch, self.digest, self.size = Batch(), hashlib.sha256(), 0
        self._waiting = bytearray()
        self._stored: list[StoredBlob] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        piece = bytes(data)
        self.digest.update(piece)
        self.size += len(piece)
        self._waiting += piece
        while len(self._waiting) >= PART_BYTES:
            self._store(PART_BYTES)
        return len(piece)

    def end(self) -> list[StoredBlob]:
        """The slices, durable."""
        if self._waiting or not self._stored:
            self._store(len(self._waiting))
        self.batch.sync()
        return self._stored

    def _store(self, size: int) -> None:
        self._stored.append(self.batch.add(bytes(self._waiting[:size])))
        del self._waiting[:size]
