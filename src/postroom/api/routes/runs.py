"""Runs: a file of records comes in, documents go out, and the balance says where each record is."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.idempotency import repeatable
from postroom.api.paging import Page, Paging, page
from postroom.api.shapes import SetAsideOut, set_aside_out
from postroom.api.uploads import spooled, text_of
from postroom.kernel.errors import BadInput
from postroom.production import queries
from postroom.production.actions.cancel_run import cancel_run
from postroom.production.actions.start_run import start_run
from postroom.production.balance import balance
from postroom.production.models import Run

router = Router()


class DeliveryCounts(Schema):
    """Deliveries by outcome; ``balance`` is zero at every moment (P3)."""

    created: int
    delivered: int
    suppressed: int
    failed: int
    cancelled: int
    superseded: int
    held: int
    in_doubt: int
    in_progress: int
    balance: int


class RunOut(Schema):
    """A run's facts."""

    id: uuid.UUID
    run: str = Field(description="Reference for people, such as R-2026-0001.")
    run_key: str
    template: str
    template_version_id: uuid.UUID
    file: str
    source: str
    destination: str = Field(description='Chosen for the whole run; "" when the rules choose for each document.')
    state: str
    started_by: str
    started_at: dt.datetime
    received_at: dt.datetime | None
    settled_at: dt.datetime | None
    cancelled_at: dt.datetime | None
    cancel_reason: str
    priority: int = Field(description="0 is a batch; what is higher goes first.")
    held_at: dt.datetime | None = Field(description="Since when nothing of it is composed or sent.")
    hold_reason: str
    gate: str = Field(description='"closed": composed and not sent until it is released; "released"; "" without one.')
    released_at: dt.datetime | None


class RunDetail(RunOut):
    """A run with its two balances. Records by where they are; ``balance`` is zero at every moment (P3)."""

    received: int
    completed: int
    set_aside: int
    suppressed: int
    failed: int
    cancelled: int
    superseded: int
    held: int
    in_progress: int
    balance: int
    documents: int
    deliveries: DeliveryCounts


class RunStart(Schema):
    """The fields beside the file."""

    template: str = Field(max_length=60, description="Key of a published template.")
    mapping: str = Field("", max_length=1 << 20, description="Mapping from the file's fields to the contract, YAML.")
    run_key: str = Field("", max_length=200, description="The same key with the same file is the same run.")
    options: str = Field("", max_length=1 << 16, description="Options of the source, a JSON object.")
    destination: str = Field(
        "",
        max_length=60,
        description="Everything goes there, whatever the rules would choose. It is set up and in use.",
    )
    hold: bool = Field(False, description="Compose everything and send nothing until the run is released.")


class Reason(Schema):
    """Why."""

    reason: str = Field(min_length=1, max_length=300)


class RunFilter(Schema):
    """What to list."""

    state: str = Field("", pattern="^(|reading|working|settled)$")
    template: str = Field("", max_length=60)


@router.post(
    "/runs",
    auth=needs("run.start"),
    tags=["Receive"],
    response={201: RunDetail, 200: RunDetail},
    summary="Start a run",
    operation_id="startRun",
)
@repeatable
def start(
    request: HttpRequest,
    response: HttpResponse,
    fields: Form[RunStart],
    data: Annotated[UploadedFile, File(description="JSON, JSON Lines, CSV, XML or XLSX; any size.")],
    mapping_file: Annotated[UploadedFile | None, File(alias="mapping")] = None,
) -> Status[dict[str, Any]]:
    """Takes a file into custody and starts composing and delivering its records.

    The same file, template, mapping and destination (or the same `run_key`) give the run that is there already, with
    status 200.
    """
    with spooled(data) as path:
        started = start_run(
            actor(request),
            template=fields.template,
            path=path,
            name=data.name or "data",
            media_type=data.content_type or "",
            mapping=_mapping(fields.mapping, mapping_file),
            run_key=fields.run_key,
            source_options=_options(fields.options),
            destination=fields.destination.strip(),
            gate=fields.hold,
        )
    response["Location"] = f"/api/v1/runs/{started.run.ref}"
    return Status(200 if started.repeated else 201, run_detail(started.run))


@router.get("/runs", auth=needs("run.view"), tags=["Produce"], response=Page[RunOut], operation_id="listRuns")
def list_runs(request: HttpRequest, wanted: Query[RunFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Runs, newest first."""
    rows = queries.runs_visible_to(actor(request))
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.template:
        rows = rows.filter(template_key=wanted.template)
    return page(request, rows, ("-started_at", "-id"), paging, run_out)


@router.get("/runs/{ref}", auth=needs("run.view"), tags=["Produce"], response=RunDetail, operation_id="getRun")
def one_run(request: HttpRequest, ref: str) -> dict[str, Any]:
    """One run, by reference or id, with its balances at this moment."""
    return run_detail(queries.run(actor(request), ref))


@router.post(
    "/runs/{ref}/cancel",
    auth=needs("run.view", "run.cancel"),
    tags=["Produce"],
    response=RunDetail,
    operation_id="cancelRun",
)
def cancel(request: HttpRequest, ref: str, body: Reason) -> dict[str, Any]:
    """Cancels what has not left yet. What has left stays delivered, and counted."""
    found = queries.run(actor(request), ref)
    return run_detail(cancel_run(actor(request), found.pk, body.reason))


@router.get(
    "/runs/{ref}/set-aside",
    auth=needs("run.view", "record.view"),
    tags=["Produce"],
    response=Page[SetAsideOut],
    operation_id="listSetAside",
)
def set_aside(request: HttpRequest, ref: str, paging: Query[Paging]) -> dict[str, Any]:
    """Records of a run that wait to be corrected, in the order of the file."""
    rows = queries.set_aside_of(actor(request), queries.run(actor(request), ref))
    return page(request, rows, ("record__ordinal", "id"), paging, set_aside_out)


def run_out(row: Run) -> dict[str, Any]:
    return {
        "id": row.pk,
        "run": row.ref,
        "run_key": row.run_key,
        "template": row.template_key,
        "template_version_id": row.template_version_id,
        "file": row.parcel.name,
        "source": row.source,
        "destination": row.destination,
        "state": row.state,
        "started_by": row.started_by,
        "started_at": row.started_at,
        "received_at": row.received_at,
        "settled_at": row.settled_at,
        "cancelled_at": row.cancelled_at,
        "cancel_reason": row.cancel_reason,
        "priority": row.priority,
        "held_at": row.held_at,
        "hold_reason": row.hold_reason,
        "gate": row.gate,
        "released_at": row.released_at,
    }


def run_detail(row: Run) -> dict[str, Any]:
    row = Run.objects.select_related("parcel").get(pk=row.pk)
    return {**run_out(row), **balance(row.pk).as_json(row.ref)}


def _mapping(text: str, file: UploadedFile | None) -> str:
    if file is None:
        return text
    if text:
        raise BadInput("The mapping came both as text and as a file.", hint="Send one of them.")
    content = text_of(file)
    if len(content) > 1 << 20:
        raise BadInput("The mapping is larger than 1 MiB.", hint="A mapping names fields; it holds no data.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("The mapping is not UTF-8.", hint="Save it as UTF-8.") from error


def _options(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        options = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"options is not JSON: {error}.", hint='Write it as {"delimiter": ";"}.') from error
    if not isinstance(options, dict):
        raise BadInput("options is not a JSON object.", hint='Write it as {"delimiter": ";"}.')
    return options
