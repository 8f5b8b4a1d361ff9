"""The peek panel of each list. Without scripts its address is the list's own, with ``?peek=``."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from postroom.delivery import queries as delivered
from postroom.documents import queries as filed
from postroom.kernel.errors import NotFound
from postroom.parties.models import Party
from postroom.production import queries as produced
from postroom.web.access import needs
from postroom.web.answers import go, show_part
from postroom.web.asked import partial
from postroom.web.fill import peek
from postroom.web.pages import Peek
from postroom.web.shell import actor_of


def _show(request: HttpRequest, panel: Peek) -> HttpResponse:
    answer = show_part(request, "desk/_peek.html", panel) if partial(request) else go(request, panel.open_url)
    answer["Vary"] = "HX-Request"
    return answer


@needs("document.view")
def document(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    return _show(request, peek.document(actor, filed.document(actor, document_id)))


@needs("delivery.view")
def delivery(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    return _show(request, peek.delivery(actor, delivered.delivery(actor, delivery_id)))


@needs("run.view")
def run(request: HttpRequest, ref: str) -> HttpResponse:
    actor = actor_of(request)
    return _show(request, peek.run(actor, produced.run(actor, ref)))


@needs("party.view")
def party(request: HttpRequest, party_id: uuid.UUID) -> HttpResponse:
    found = Party.objects.filter(pk=party_id).first()
    if found is None:
        raise NotFound(gettext("There is no such party."), hint=gettext("Search for the name or the number."))
    return _show(request, peek.party(actor_of(request), found))


@needs("run.view", "record.view")
def set_aside(request: HttpRequest, record_id: uuid.UUID) -> HttpResponse:
    return _show(request, peek.set_aside(actor_of(request), record_id))
