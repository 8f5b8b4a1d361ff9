"""Causes that are due become one run: their data, kept since they were told, is written into one file of records."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from pathlib import Path

from django.db import transaction

from postroom.documents.content import newest_version
from postroom.identity.actor import Actor
from postroom.intake.actions.receive_parcel import digest_of
from postroom.kernel import clock
from postroom.kernel.errors import Damaged, NotFound, PostroomError, Unavailable
from postroom.kernel.home import home
from postroom.ledger.append import Act, append
from postroom.production import exact_json
from postroom.schedules.firing import ACTOR, Outcome, begin, custody, note, trouble
from postroom.schedules.models import CANCELLED, PLANNED, STARTED, Cause, Firing, Schedule
from postroom.vault.read import read, read_blob

#: Causes of one run; the others make the next one.
MOST = 5000
DATA_GONE = "system:data-gone"


def gather(schedule: Schedule, now: dt.datetime, *, by: Actor = ACTOR, by_hand: bool = False) -> Firing | None:
    """Start one run of the causes that are due; None when none is, or when one of them lapsed meanwhile (the next look
    gathers anew). Outside a transaction, in the schedule's turn.

    What is due and cannot be started stays planned, and the schedule says why. Raises Unavailable.
    """
    due = schedule.causes.filter(state=PLANNED, due__lte=now).order_by("due", "key")
    causes = list(due.select_related("parcel", "document")[:MOST])
    if not causes:
        return None
    outcome = Outcome()
    name = f"{schedule.key}-{now:%Y-%m-%d}.jsonl"
    with tempfile.TemporaryDirectory(dir=home().prepare().work) as folder:
        path = Path(folder) / name
        usable, gone = _written(causes, path, outcome)
        parcel = custody(path, name, digest_of(path)) if usable else None
        with transaction.atomic():
            if not _unchanged(schedule, causes, by_hand):
                return None
            append(by.name, [end(cause, CANCELLED, DATA_GONE) for cause in gone])
            if parcel is not None:
                digest = hashlib.sha256("\n".join(str(cause.pk) for cause in usable).encode()).hexdigest()
                try:
                    run = begin(schedule, path, f"causes:{schedule.pk}:{digest[:40]}", parcel)
                except (Unavailable, Damaged):
                    raise
                except PostroomError as error:  # a fault of the schedule: the causes wait for it to be put right
                    trouble(schedule, error)
                    return None
                outcome.started(run)
                Cause.objects.filter(pk__in=[cause.pk for cause in usable]).update(
                    state=STARTED, run_id=run.pk, run_ref=run.ref, ended_by=by.name, ended_at=clock.now()
                )
            return note(schedule, now, outcome, by=by, by_hand=by_hand)


def _written(causes: list[Cause], path: Path, outcome: Outcome) -> tuple[list[Cause], list[Cause]]:
    """Write the data of each cause as a line. Those that have theirs, and those whose data is gone: it was destroyed
    on purpose, or is damaged, which must not stop the others."""
    usable, gone = [], []
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for cause in causes:
            try:
                line = exact_json.dumps(exact_json.loads(data_of(cause)))
            except (NotFound, Damaged) as error:
                outcome.refused(error)
                gone.append(cause)
                continue
            out.write(f"{line}\n")
            usable.append(cause)
    return usable, gone


def _unchanged(schedule: Schedule, causes: list[Cause], by_hand: bool) -> bool:
    """Lock the schedule and the causes, and say whether they may still be started."""
    rows = Schedule.objects.select_for_update().filter(pk=schedule.pk, removed_at=None)
    if not (rows if by_hand else rows.filter(paused_at=None)).exists():
        return False
    planned = Cause.objects.select_for_update().filter(pk__in=[cause.pk for cause in causes], state=PLANNED)
    return len(planned) == len(causes)


def data_of(cause: Cause) -> str:
    """The data a cause was told with, or that its document was made from, as JSON. Raises NotFound, Damaged."""
    if cause.parcel is not None:
        parts = cause.parcel.parts.select_related("blob").order_by("no")
        return b"".join(read_blob(part.blob) for part in parts).decode()
    version = newest_version(cause.document) if cause.document is not None else None
    if version is None or version.data_blob_id is None:
        raise NotFound("The document of this cause was not made from data.", hint="Make the document by hand.")
    return read(version.data_blob_id).decode()


def end(cause: Cause, state: str, by: str) -> Act:
    """Write that a cause is over; the fact for the ledger."""
    cause.state, cause.ended_by, cause.ended_at = state, by, clock.now()
    cause.save(update_fields=["state", "ended_by", "ended_at"])
    return Act(f"cause.{state}", "cause", cause.pk)
