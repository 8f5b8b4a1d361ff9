"""The archive: find documents, get their bytes and data, see what happened to them, send or print them again."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date, parse_etags, quote_etag
from ninja import Query, Router, Schema, Status
from pydantic import AfterValidator, Field

from postroom.api.access import actor, needs
from postroom.api.idempotency import is_repeat, repeatable
from postroom.api.paging import Page, Paging, page
from postroom.api.routes.compose import disposition
from postroom.api.shapes import (
    DeliveryOut,
    DocumentDetail,
    DocumentOut,
    TimelineOut,
    delivery_out,
    document_out,
    timeline_out,
    version_out,
)
from postroom.delivery.actions.resend import resend
from postroom.delivery.queries import deliveries_of
from postroom.documents import content, queries
from postroom.documents.actions.reprint import reprint
from postroom.documents.models import Document, Version
from postroom.documents.timeline import timeline
from postroom.support import evidence
from postroom.vault.read import read_blob

router = Router(tags=["Archive"])


def _storable(text: str) -> str:
    """PostgreSQL holds no NUL, so no document has one."""
    if "\x00" in text:
        raise ValueError("text must not hold U+0000")
    return text


Text = Annotated[str, AfterValidator(_storable)]
Money = Annotated[Decimal, Field(max_digits=21, decimal_places=6, allow_inf_nan=False)]


class DocumentFilter(Schema):
    """All conditions hold together."""

    text: Text = Field("", max_length=500, description="Words, a number, a name or an amount.")
    kind: Text = Field("", max_length=60)
    number: Text = Field("", max_length=120)
    party: Text = Field("", max_length=300, description="Key of a party, or a part of its name.")
    run_id: uuid.UUID | None = None
    issued_from: dt.date | None = None
    issued_to: dt.date | None = None
    amount_from: Money | None = None
    amount_to: Money | None = None


class Resend(Schema):
    """Where to; by default the way it went last."""

    destination: Text = Field("", max_length=60)
    address: Text = Field("", max_length=320)


_BYTES = {
    "responses": {
        200: {
            "description": "The bytes, held against their SHA-256.",
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "SHA-256 of the bytes."}},
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


@router.get("/documents", auth=needs("document.view"), response=Page[DocumentOut], operation_id="listDocuments")
def list_documents(request: HttpRequest, wanted: Query[DocumentFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Documents you may see, newest first."""
    rows = queries.search(actor(request), queries.Wanted(**wanted.model_dump()))
    return page(request, rows, ("-created_at", "-id"), paging, document_out)


@router.get(
    "/documents/{document_id}", auth=needs("document.view"), response=DocumentDetail, operation_id="getDocument"
)
def one_document(request: HttpRequest, document_id: uuid.UUID) -> dict[str, Any]:
    """One document with its versions."""
    found = queries.document(actor(request), document_id)
    return {**document_out(found), "versions": [version_out(row) for row in found.versions.order_by("-no")]}


@router.get(
    "/documents/{document_id}/content",
    auth=needs("document.view"),
    operation_id="getDocumentContent",
    openapi_extra=_BYTES,
)
def document_content(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """The original bytes of the newest version."""
    found = queries.document(actor(request), document_id)
    version = content.newest_version(found)
    etag = quote_etag(bytes(version.sha256).hex())
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
        response["ETag"] = etag
        return response
    return _bytes(found, version, read_blob(version.blob))


@router.get(
    "/documents/{document_id}/data",
    auth=needs("document.view", "document.data"),
    operation_id="getDocumentData",
    openapi_extra={
        "responses": {200: {"description": "Canonical JSON.", "content": {"application/json": {"schema": {}}}}}
    },
)
def document_data(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """The data the newest version was made from, byte for byte."""
    return HttpResponse(content.made_from(actor(request), document_id), content_type="application/json; charset=utf-8")


@router.get(
    "/documents/{document_id}/deliveries",
    auth=needs("document.view", "delivery.view"),
    response=Page[DeliveryOut],
    operation_id="listDocumentDeliveries",
)
def document_deliveries(request: HttpRequest, document_id: uuid.UUID, paging: Query[Paging]) -> dict[str, Any]:
    """Where the document went, oldest first."""
    rows = deliveries_of(queries.document(actor(request), document_id))
    return page(request, rows, ("created_at", "id"), paging, delivery_out)


@router.get(
    "/documents/{document_id}/timeline",
    auth=needs("document.view"),
    response=list[TimelineOut],
    operation_id="getDocumentTimeline",
)
def document_timeline(request: HttpRequest, document_id: uuid.UUID) -> list[dict[str, Any]]:
    """Everything that happened to the document, its record and its deliveries, oldest first."""
    found = queries.document(actor(request), document_id)
    return [timeline_out(entry) for entry in timeline(actor(request), found)]


@router.post(
    "/documents/{document_id}/resend",
    auth=needs("document.view", "delivery.resend"),
    tags=["Deliver"],
    response={201: DeliveryOut},
    operation_id="resendDocument",
)
def resend_document(
    request: HttpRequest, response: HttpResponse, document_id: uuid.UUID, body: Resend
) -> Status[dict[str, Any]]:
    """Sends the same bytes again, as a new delivery."""
    found = queries.document(actor(request), document_id)
    made = resend(actor(request), found, destination=body.destination, address=body.address)
    response["Location"] = f"/api/v1/deliveries/{made.pk}"
    return Status(201, delivery_out(made))


@router.post(
    "/documents/{document_id}/reprint",
    auth=needs("document.view"),
    operation_id="reprintDocument",
    openapi_extra=_BYTES,
)
def reprint_document(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """The same bytes, and a note in the ledger that they were given out to be printed."""
    found = queries.document(actor(request), document_id)
    version = content.newest_version(found)
    again = is_repeat(request)
    given = read_blob(version.blob) if again else reprint(actor(request), document_id)
    return _bytes(found, version, given)


@router.post(
    "/documents/{document_id}/evidence",
    auth=needs("document.view", "ledger.view"),
    tags=["Govern"],
    operation_id="exportDocumentEvidence",
    openapi_extra={
        "responses": {
            200: {
                "description": "The evidence file, to be checked offline.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        }
    },
)
@repeatable
def export_evidence(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """One file that proves the document's history to whoever has the ledger's public key; noted in the ledger."""
    found, data = evidence.export(actor(request), document_id)
    response = HttpResponse(data, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{evidence.file_name(found)}"'
    response["Cache-Control"] = "no-store"
    return response


def _bytes(found: Document, version: Version, given: bytes) -> HttpResponse:
    response = HttpResponse(given, content_type=version.media_type)
    response["ETag"] = quote_etag(bytes(version.sha256).hex())
    response["Content-Disposition"] = disposition(found.number, version.media_type)
    response["Last-Modified"] = http_date(version.created_at.timestamp())
    response["X-Postroom-Pages"] = str(version.pages)
    response["Cache-Control"] = "private, no-cache"
    return response
