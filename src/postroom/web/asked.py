"""What a request asks for, read from its parameters: text without NUL (PostgreSQL holds none), days, amounts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from postroom.identity.access import ANY, access_of
from postroom.kernel.money import NotMoney, parse_amount


def text(request: HttpRequest, name: str, most: int = 300) -> str:
    """A GET parameter as one tidy line, at most ``most`` characters."""
    return " ".join(request.GET.get(name, "").replace("\x00", " ").split())[:most]


def posted(request: HttpRequest, name: str) -> str:
    """A POST parameter as it was typed."""
    return request.POST.get(name, "").replace("\x00", "")


def day(request: HttpRequest, name: str) -> dt.date | None:
    """A day as a date field sends it; None when there is none that can be read."""
    try:
        return dt.date.fromisoformat(text(request, name))
    except ValueError:
        return None


def amount(request: HttpRequest, name: str) -> Decimal | None:
    """An amount such as ``1204.50``; a comma before the cents is understood. None when it cannot be read."""
    try:
        return parse_amount(text(request, name).replace(" ", "").replace(",", "."))
    except NotMoney:
        return None


def partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def came_from(request: HttpRequest) -> str:
    """The page of ours a form stood on, as an address that can be opened again; Home when none is known.

    The browser names it itself (Referer). An address that only takes forms gives way to the page above it.
    """
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    named = urlsplit(request.META.get("HTTP_REFERER", ""))
    ours = named.netloc == request.get_host() and named.scheme in ("http", "https")
    path = named.path if ours else request.path
    if ours and opens(path):
        return f"{path}?{named.query}" if named.query else path
    while path.strip("/"):
        if opens(path):
            return path
        path = path.rstrip("/").rpartition("/")[0] + "/"
    return "/"


def opens(path: str) -> bool:
    """Whether a page answers GET at ``path``."""
    try:
        access = access_of(resolve(path).func)
    except Resolver404:
        return False
    return "GET" in access or ANY in access
