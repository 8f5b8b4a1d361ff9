"""Records that were set aside: look at one, correct it, let it go on."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.shapes import RecordOut, record_out
from postroom.kernel.errors import BadInput
from postroom.production import exact_json, queries
from postroom.production.actions.correct_record import correct_record
from postroom.production.models import Record

router = Router(tags=["Produce"])


class Correction(Schema):
    """The whole record as it should have been."""

    data: dict[str, Any] = Field(description="Amounts as text; numbers keep their digits.")


@router.get("/records/{record_id}", auth=needs("record.view"), response=RecordOut, operation_id="getRecord")
def one_record(request: HttpRequest, record_id: uuid.UUID) -> HttpResponse:
    """A record as it came in (or was last corrected), and what is wrong with it."""
    return exact(queries.record(actor(request), record_id))


@router.post(
    "/records/{record_id}/correct",
    auth=needs("record.view", "record.correct"),
    response=RecordOut,
    operation_id="correctRecord",
)
def correct(request: HttpRequest, record_id: uuid.UUID, body: Correction) -> HttpResponse:
    """Puts `data` in place of the record's and lets it go through every stage again."""
    queries.record(actor(request), record_id)
    exactly = body_as_written(request)["data"]
    return exact(correct_record(actor(request), record_id, exactly))


@router.post(
    "/records/{record_id}/resubmit",
    auth=needs("record.view", "record.correct"),
    response=RecordOut,
    operation_id="resubmitRecord",
)
def resubmit(request: HttpRequest, record_id: uuid.UUID) -> HttpResponse:
    """Lets a record go on as it is, after the cause was mended (a template, a mapping, a font)."""
    queries.record(actor(request), record_id)
    return exact(correct_record(actor(request), record_id))


def body_as_written(request: HttpRequest) -> dict[str, Any]:
    """The JSON body with its fractions as Decimal: 12.50 stays 12.50 (P9). Raises BadInput."""
    return exactly(request.body)


def exactly(content: bytes) -> dict[str, Any]:
    """One JSON object, numbers exact. Raises BadInput."""
    try:
        found = exact_json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"This is not JSON: {error}.", hint="Send one JSON object in UTF-8.") from error
    if not isinstance(found, dict):
        raise BadInput("This is not a JSON object.", hint='Write it as {"field": value, ...}.')
    return found


def exact(row: Record) -> HttpResponse:
    """The record as JSON whose numbers have the digits they came with."""
    row = Record.objects.select_related("run").get(pk=row.pk)
    shown = RecordOut(**record_out(row, None)).model_dump(mode="json")
    shown["data"] = exact_json.loads(row.data) if row.data else None
    return HttpResponse(exact_json.dumps(shown), content_type="application/json; charset=utf-8")
