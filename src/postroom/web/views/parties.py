"""Those we write to, and one of them."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.kernel.errors import NotFound
from postroom.parties.models import Party
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import show, show_found
from postroom.web.fill import parties
from postroom.web.pages import PartiesPage
from postroom.web.paging import page_of
from postroom.web.shell import actor_of


@needs("party.view")
def index(request: HttpRequest) -> HttpResponse:
    text = asked.text(request, "q")
    found = Party.objects.all()
    if text:
        wanted = Q(name__icontains=text) | Q(key__istartswith=text) | Q(email__icontains=text)
        found = found.filter(wanted | Q(address__city__icontains=text))
    rows, paging, _ = page_of(request, found, ("name", "pk"))
    page = PartiesPage(url=reverse("parties"), q=text, rows=parties.rows_of(actor_of(request), rows), paging=paging)
    return show_found(request, "desk/parties.html", "desk/_parties_found.html", page)


@needs("party.view")
def page(request: HttpRequest, party_id: uuid.UUID) -> HttpResponse:
    found = Party.objects.filter(pk=party_id).first()
    if found is None:
        raise NotFound(gettext("There is no such party."), hint=gettext("Search for the name or the number."))
    return show(request, "desk/party.html", parties.page_of(actor_of(request), found))
