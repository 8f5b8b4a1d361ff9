"""The data of a run as files for other systems, by the layouts of its template."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header, quote_etag
from ninja import Router, Schema
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.production import queries
from postroom.production.actions.export_data import export_data, newest, write_again
from postroom.production.models import DataOutput

router = Router(tags=["Produce"])


class DataOutputOut(Schema):
    """One data output."""

    layout: str
    file: str
    media_type: str
    state: str = Field(description="waiting, ready or refused.")
    records: int = Field(description="Documents whose data is in it: all that were composed.")
    rows: int
    sums: dict[str, str] = Field(description="Totals of its number columns, as text.")
    size: int
    sha256: str
    reason: str = Field(description="Why it is refused.")
    hint: str
    written_at: dt.datetime | None


class DataOutputs(Schema):
    """The last output of each layout."""

    items: list[DataOutputOut]


@router.get(
    "/runs/{ref}/data",
    auth=needs("run.view", "document.data"),
    response=DataOutputs,
    operation_id="listRunData",
    summary="Data outputs of a run",
)
def list_data(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The last file of each layout. They are written when the run settles."""
    found = newest(actor(request), queries.run(actor(request), ref))
    return {"items": [output_out(output) for output in found]}


@router.get(
    "/runs/{ref}/data/{layout}",
    auth=needs("run.view", "document.data"),
    operation_id="getRunData",
    summary="Data of a run",
    openapi_extra={"responses": {200: {"description": "The file.", "content": {"application/octet-stream": {}}}}},
)
def get_data(request: HttpRequest, ref: str, layout: str) -> StreamingHttpResponse:
    """The file, as it is kept."""
    output, pieces = export_data(actor(request), queries.run(actor(request), ref), layout)
    response = StreamingHttpResponse(pieces, content_type=output.media_type)
    response["Content-Length"] = str(output.size)
    response["Content-Disposition"] = content_disposition_header(True, output.file_name) or "attachment"
    response["ETag"] = quote_etag(bytes(output.sha256 or b"").hex())
    response["Cache-Control"] = "no-store"
    return response


@router.post(
    "/runs/{ref}/data/{layout}",
    auth=needs("run.view", "run.start", "document.data"),
    response=DataOutputOut,
    operation_id="writeRunData",
    summary="Write data of a run again",
)
def write_data(request: HttpRequest, ref: str, layout: str) -> dict[str, Any]:
    """Has the file written once more by a worker; the last one stays until then."""
    return output_out(write_again(actor(request), queries.run(actor(request), ref), layout))


def output_out(output: DataOutput) -> dict[str, Any]:
    return {
        "layout": output.layout,
        "file": output.file_name,
        "media_type": output.media_type,
        "state": output.state,
        "records": output.records,
        "rows": output.rows,
        "sums": output.sums,
        "size": output.size,
        "sha256": bytes(output.sha256 or b"").hex(),
        "reason": str(output.problem.get("reason", "")),
        "hint": str(output.problem.get("hint", "")),
        "written_at": output.written_at,
    }
