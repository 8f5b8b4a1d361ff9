"""What a request asks for, read from its parameters: text without NUL (PostgreSQL holds none), days, amounts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.http import HttpRequest

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
