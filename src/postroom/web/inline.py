"""Bytes of a document shown in the browser instead of saved: in parts when asked, kept by nobody but this browser.

Whatever the bytes are, nothing of them runs on our address: the policy allows no script, no request to anywhere, and
(except for a PDF, which a browser's own viewer does not open in a sandbox) everything is sandboxed. What a browser may
not be trusted to show is not shown here at all; ``send_document`` gives it out as a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from postroom.delivery.letters import SUFFIXES, file_name
from postroom.documents.models import Version
from postroom.kernel.errors import NotFound
from postroom.web.fill.viewer import kind_of

_SHUT = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
#: Above this size the viewer asks for parts. One part of a range is answered; several at once get the whole (RFC 9110).
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def inline(request: HttpRequest, number: str, version: Version, content: Callable[[], bytes]) -> HttpResponse:
    """``content`` is called only when the browser lacks the bytes. Raises NotFound for what is not shown."""
    kind = kind_of(version.media_type)
    if kind in ("none", "text"):
        raise NotFound(gettext("This document cannot be shown in the browser."), hint=gettext("Download it instead."))
    tag = f'"{bytes(version.sha256).hex()}"'
    if _has(request, tag):
        return _dressed(HttpResponse(status=304), tag, kind)
    octets = content()
    part = _part(request, tag, len(octets))
    charset = "; charset=utf-8" if kind == "html" else ""
    media_type = f"{version.media_type}{charset}"
    if part is None:
        response = HttpResponse(octets, content_type=media_type)
    elif part.start >= len(octets) or part.stop <= part.start:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(octets)}"})
    else:
        response = HttpResponse(octets[part.start : part.stop], status=206, content_type=media_type)
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(octets)}"
    name = file_name(number) + SUFFIXES.get(version.media_type, "")
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response["Accept-Ranges"] = "bytes"
    return _dressed(response, tag, kind)


def _dressed(response: HttpResponse, tag: str, kind: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"  # kept, and asked for at every use: a permission may have gone
    response["Content-Security-Policy"] = _SHUT if kind == "pdf" else f"sandbox; {_SHUT}"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _has(request: HttpRequest, tag: str) -> bool:
    """Whether the browser says it has these bytes (If-None-Match)."""
    given = request.headers.get("If-None-Match", "")
    return tag in {one.strip().removeprefix("W/") for one in given.split(",")}


def _part(request: HttpRequest, tag: str, size: int) -> range | None:
    """The part asked for; None for the whole. ``If-Range`` of other bytes and forms we do not know give the whole."""
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = asked.groups()
    if not first:
        return range(max(0, size - int(last)), size) if last else None
    return range(int(first), min(int(last) + 1, size) if last else size)
