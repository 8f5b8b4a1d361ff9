"""``{% load weather %}``: forms that lose nothing, whatever happens to session, network or the thing they are about."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse

from postroom.web.asked import came_from
from postroom.web.standing import digest_of

register = template.Library()

#: Never shown again, as the browser never keeps it (``keep-typing-store.ts``).
_SECRET = re.compile(r"(?i)pass(word|wd|phrase)|secret|token|csrf|credential|private|(^|[-_])(otp|pin|code)$")
#: Hidden fields of our forms, which nobody typed.
_UNTYPED = {"do", "held", "held_name", "template", "party", "way", "next"}
_MOST = 200_000


@register.inclusion_tag("desk/_keep_typing.html", takes_context=True)
def keep_typing(context: template.Context) -> dict[str, Any]:
    """The element that looks after the forms of a page."""
    request = context.get("request")
    if not isinstance(request, HttpRequest):  # a page that is shown without anybody asking for it: a specimen
        return {}
    return {
        "person": digest_of(request),
        "here": reverse("here"),
        "sign_in": reverse("account_login"),
        "at": came_from(request),
    }


@register.inclusion_tag("desk/_typed.html", takes_context=True)
def typed(context: template.Context) -> dict[str, Any]:
    """What stood in the form that was refused, to be copied from the page that refuses it."""
    request = context.get("request")
    return {"texts": _texts(request) if isinstance(request, HttpRequest) and request.method == "POST" else []}


def _texts(request: HttpRequest) -> list[str]:
    try:
        rows = request.POST.lists()
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return []
    return [
        value[:_MOST]
        for name, values in rows
        if name not in _UNTYPED and not _SECRET.search(name)
        for value in values
        if value.strip()
    ]
