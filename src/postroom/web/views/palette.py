"""The command palette asks here while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from postroom.web import asked
from postroom.web.access import needs
from postroom.web.fill import palette
from postroom.web.shell import actor_of


@needs()
def answer(request: HttpRequest) -> HttpResponse:
    """``?q=holm``: ``{"q": "holm", "groups": [{"title": "Open", "items": [PaletteItem, ..]}]}``."""
    q = asked.text(request, "q", 80)
    return JsonResponse({"q": q, "groups": palette.groups(actor_of(request), q)})
