"""The template somebody used last: it stands chosen where the next sending or run begins. For as long as a session."""

from __future__ import annotations

from django.http import HttpRequest

from postroom.web import asked

_KEY = "last_template"


def template(request: HttpRequest) -> str:
    """The template that was asked for; with none asked for, the one used last. "" for none."""
    if "template" in request.GET:
        return asked.text(request, "template", 60)
    return str(request.session.get(_KEY, ""))


def remember(request: HttpRequest, key: str) -> None:
    """Note the template that was used; nothing is written when it is the same again."""
    if key and request.session.get(_KEY, "") != key[:60]:
        request.session[_KEY] = key[:60]
