"""Correct a record that was set aside, and let it go on."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import BadInput, Conflict, NotFound
from postroom.ledger.append import Act, append
from postroom.production import exact_json
from postroom.production.errors import NotSetAside
from postroom.production.models import READY, SET_ASIDE, SETTLED, WAITING, WORKING, Record, Run, SetAside
from postroom.production.reading import add_chunk
from postroom.production.wake import wake_composer


def correct_record(actor: Actor, record_id: uuid.UUID | str, data: dict[str, Any] | None = None) -> Record:
    """Resubmit a set-aside record, with ``data`` in place of what it had if given.

    The record goes through every stage again; what is still wrong sets it aside again. Raises NotSetAside.
    """
    actor.require("record.correct")
    if data is not None and not isinstance(data, dict):
        raise BadInput("A record is a JSON object.", hint='Write it as {"field": value, ...}.')
    with transaction.atomic():
        try:
            record = Record.objects.select_for_update().filter(pk=record_id).first()
        except (ValueError, TypeError, ValidationError):
            record = None
        if record is None:
            raise NotFound("There is no such record.", hint="See `postroom records RUN`.")
        if record.state != SET_ASIDE:
            raise NotSetAside(
                f"The record is {record.state.replace('_', ' ')}.", hint="Only set-aside records can go on."
            )
        if data is None and not record.data:
            raise BadInput(
                "What came in could not be read as a record, so it cannot go on as it is.",
                hint="Give the whole record as a JSON object.",
            )
        run = Run.objects.select_for_update().get(pk=record.run_id)
        now = clock.now()
        if run.cancelled_at:
            raise Conflict(f"{run.ref} was cancelled.", hint="Start a new run with the corrected record.")
        chunk_id = add_chunk(run.pk, READY, now)
        if data is not None:
            record.data = exact_json.storable(exact_json.dumps(data))
            record.revision += 1
        record.chunk_id, record.state = chunk_id, WAITING
        record.save(update_fields=["data", "revision", "chunk", "state"])
        SetAside.objects.filter(record=record, resolved_at=None).update(
            resolved_at=now, resolution="corrected" if data is not None else "resubmitted"
        )
        if run.state == SETTLED:
            run.state, run.settled_at = WORKING, None
            run.save(update_fields=["state", "settled_at"])
        wake_composer(chunk_id, priority=10)
        act = "record.corrected" if data is not None else "record.resubmitted"
        append(actor.name, [Act(act, "record", record.pk, {"revision": record.revision})])
        notices.tell(notices.RUNS, notices.SET_ASIDE, *notices.of_run(run.pk))
    return record
