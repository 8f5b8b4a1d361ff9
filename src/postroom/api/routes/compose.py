"""One record in, one PDF out. Nothing is stored, nothing is sent."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from ninja import Router

from postroom.api.access import actor, needs
from postroom.api.errors import InvalidRequest, TooLarge
from postroom.api.idempotency import repeatable
from postroom.api.routes.records import exactly
from postroom.api.uploads import text_of
from postroom.composition.actions.compose_one import compose_one
from postroom.delivery.letters import SUFFIXES

router = Router(tags=["Compose"])

#: A record is one document's data; more belongs into a run.
MOST = 8 << 20

_BODY = {
    "type": "object",
    "required": ["template", "data"],
    "properties": {
        "template": {"type": "string", "description": "Key of a published template."},
        "data": {"type": "object", "description": "One record that fits the template's contract."},
    },
}
_FORM = {
    **_BODY,
    "properties": {**_BODY["properties"], "data": {"type": "string", "format": "binary", "description": "JSON file."}},  # type: ignore[dict-item]
}


@router.post(
    "/compose",
    auth=needs("compose"),
    summary="Make one document",
    operation_id="compose",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _BODY}, "multipart/form-data": {"schema": _FORM}},
        },
        "responses": {
            200: {
                "description": "The document.",
                "headers": {
                    "X-Postroom-Pages": {"schema": {"type": "integer"}},
                    "Content-Disposition": {"schema": {"type": "string"}},
                },
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    },
)
@repeatable
def compose(request: HttpRequest) -> HttpResponse:
    """Makes the document of one record with the newest version of a template.

    A record that does not fit is refused with every reason at once (422).
    """
    template, data = _form(request) if request.content_type == "multipart/form-data" else _json(request)
    made = compose_one(actor(request), template=template, data=data)
    response = HttpResponse(made.content, content_type=made.media_type)
    response["Content-Disposition"] = disposition(made.number, made.media_type)
    response["X-Postroom-Pages"] = str(made.pages)
    response["X-Postroom-Template-Version"] = str(made.version)
    response["Cache-Control"] = "no-store"
    return response


def disposition(number: str, media_type: str, kind: str = "inline") -> str:
    """Content-Disposition naming the document's number (RFC 6266; the plain name for those who know no UTF-8)."""
    name = number + SUFFIXES.get(media_type, "")
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name) or "document"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _json(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    body = exactly(request.body)
    return _template(body.get("template")), _data(body.get("data"))


def _form(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    file = request.FILES.get("data")
    if isinstance(file, UploadedFile):
        content = text_of(file, MOST)
        if len(content) > MOST:
            raise TooLarge(f"The record is larger than {MOST >> 20} MiB.", hint="Send many records with POST /runs.")
    else:
        content = str(request.POST.get("data", "")).encode()
    if not content.strip():
        raise InvalidRequest([{"code": "missing", "path": "data", "reason": "The record is missing."}])
    return _template(request.POST.get("template")), exactly(content)


def _template(value: Any) -> str:
    if not isinstance(value, str) or not value or "\x00" in value:
        raise InvalidRequest([{"code": "missing", "path": "template", "reason": "Name a template by its key."}])
    return value


def _data(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRequest([{"code": "not-object", "path": "data", "reason": "The record must be a JSON object."}])
    return value
