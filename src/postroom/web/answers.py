"""How views answer: a page, its living part, a file, a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import content_disposition_header

from postroom.delivery.letters import SUFFIXES, file_name
from postroom.documents.models import Version
from postroom.web.asked import opens, partial
from postroom.web.pages import ErrorPage


def show(request: HttpRequest, template: str, page: Any, status: int = 200, **more: Any) -> HttpResponse:
    """A whole page."""
    return render(request, template, {"page": page, **more}, status=status)


def show_part(request: HttpRequest, template: str, page: Any, status: int = 200, **more: Any) -> HttpResponse:
    """A part of a page for htmx, marked so that the script knows it from a page it was led to."""
    response = show(request, template, page, status, **more)
    response["X-Postroom-Partial"] = "1"
    return response


def show_found(request: HttpRequest, whole: str, part: str, page: Any) -> HttpResponse:
    """A list with a search field: the results alone when htmx asks."""
    response = show_part(request, part, page) if partial(request) else show(request, whole, page)
    response["Vary"] = "HX-Request"
    return response


def go(request: HttpRequest, to: str) -> HttpResponse:
    """See other (POST-redirect-GET); htmx leads the whole page there."""
    address = resolve_url(to)
    if partial(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponse(status=303, headers={"Location": address})


def wrong_method(request: HttpRequest, allowed: tuple[str, ...]) -> HttpResponse:
    """A page for an address that was opened in a way it is not made for: it leads to the page above it."""
    home = request.path
    while not opens(home):
        home = home.rstrip("/").rpartition("/")[0] + "/"
    response = show(request, "405.html", ErrorPage(home_url=home), 405, messages=())
    response["Allow"] = ", ".join(allowed)
    return response


def send_document(number: str, version: Version, content: bytes) -> HttpResponse:
    """The bytes of a document as a file named by its number."""
    return send_file(content, file_name(number) + SUFFIXES.get(version.media_type, ""), version.media_type)


def send_file(content: bytes, name: str, media_type: str) -> HttpResponse:
    """Bytes to be saved, never shown: whatever they are, no browser runs them on our address."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def send_picture(content: bytes | Path) -> HttpResponse:
    """A PNG that may be kept by this browser for a while: its bytes never change."""
    response = HttpResponse(content if isinstance(content, bytes) else content.read_bytes(), content_type="image/png")
    response["Cache-Control"] = "private, max-age=3600, immutable"
    return response
