"""Start a run: a file of records, through one template version, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction

from postroom import rules
from postroom.composition.queries import newest_version
from postroom.delivery.determine import usable
from postroom.delivery.models import URGENT
from postroom.identity.actor import Actor
from postroom.intake.actions.receive_parcel import digest_of, receive_parcel
from postroom.intake.detect import source_for
from postroom.intake.models import Parcel
from postroom.kernel import clock, notices
from postroom.kernel.errors import PostroomError
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.production.errors import RunKeyTaken
from postroom.production.models import CLOSED, READING, Run
from postroom.production.wake import wake_reader


@dataclass(frozen=True, slots=True)
class Started:
    """The run, and whether it was there already (same key, same bytes)."""

    run: Run
    repeated: bool


def start_run(
    actor: Actor,
    *,
    template: str,
    path: Path,
    name: str = "",
    media_type: str = "",
    mapping: str = "",
    run_key: str = "",
    source_options: dict[str, Any] | None = None,
    destination: str = "",
    gate: bool = False,
    priority: int = 0,
    parcel: Parcel | None = None,
) -> Started:
    """Start composing and delivering the records of ``path``.

    The run key makes a repetition harmless: the same key with the same bytes gives the run that is there. Without a
    key it follows from the bytes, the template and the mapping, so that a file sent twice by accident acts once.
    ``destination`` sends everything there, whatever the rules would choose. With ``gate`` everything is composed and
    nothing sent until a person has looked at the check and releases it. ``priority``: 0 is a batch;
    a single record is urgent by itself.
    ``parcel``: the bytes of ``path`` are in custody already, so that this may stand in a transaction of the caller.
    Raises UnknownTemplate, UnreadableFile, the faults of a mapping, NoChannel, RunKeyTaken.
    """
    actor.require("run.start")
    name = name or path.name
    if destination:
        usable(destination)
    version = newest_version(template)
    options = dict(source_options or {})
    if mapping:
        compiled = rules.compile_mapping(mapping, contract=version.contract)
        if compiled.records and "records" not in options:
            options["records"] = compiled.records
    source = source_for(path, media_type=media_type, name=name, options=options)
    priority = priority or (URGENT if _is_single(source.read(path)) else 0)
    digest = digest_of(path)
    key = run_key or _own_key(digest, template, mapping, options, destination)
    known = Run.objects.select_related("parcel").filter(run_key=key).first()
    if known is None:
        if parcel is None:
            with path.open("rb") as content:
                parcel = receive_parcel(actor, content, name=name, media_type=media_type)
        now = clock.now()
        try:
            with transaction.atomic():
                run = Run.objects.create(
                    id=new_id(),
                    ref=_next_ref(now.year),
                    run_key=key,
                    template_key=template,
                    template_version_id=version.pk,
                    parcel=parcel,
                    source=source.name,
                    source_options=options,
                    mapping=mapping,
                    destination=destination,
                    gate=CLOSED if gate else "",
                    priority=priority,
                    state=READING,
                    woken_at=now,
                    started_by=actor.name,
                    started_at=now,
                )
                wake_reader(run.pk, priority)
                facts: dict[str, Any] = {
                    "template": template,
                    "version": version.no,
                    "parcel": str(parcel.pk),
                    "key": run_key != "",
                }
                if destination:
                    facts["destination"] = destination
                if gate:
                    facts["gate"] = True
                if priority:
                    facts["priority"] = priority
                append(actor.name, [Act("run.started", "run", run.pk, facts)])
                notices.tell(notices.RUNS)
            return Started(run, repeated=False)
        except IntegrityError:  # somebody started the same key in this very moment
            known = Run.objects.select_related("parcel").get(run_key=key)
    asked = (digest, template, mapping, destination)
    if (bytes(known.parcel.sha256), known.template_key, known.mapping, known.destination) != asked:
        raise RunKeyTaken(
            f"The run key {key!r} belongs to {known.ref}, which was started with another file, template, mapping or"
            " destination.",
            hint="Use another key for another run; to repeat that run, send exactly the same file.",
            run=str(known.pk),
            ref=known.ref,
        )
    return Started(known, repeated=True)


def _is_single(items: Iterator[object]) -> bool:
    """Whether there is one record: somebody waits for it. A file that is no use at all is refused here, before
    anything is started; a fault further on is told where it is read."""
    if next(items, None) is None:
        return False
    try:
        return next(items, None) is None
    except PostroomError:
        return False


def _own_key(digest: bytes, template: str, mapping: str, options: dict[str, Any], destination: str) -> str:
    parts = [digest.hex(), template, mapping, repr(sorted(options.items())), *([destination] if destination else [])]
    return "content:" + hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _next_ref(year: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('run_ref_seq')")
        return f"R-{year}-{cursor.fetchone()[0]:04d}"
