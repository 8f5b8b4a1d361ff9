"""Those we write to, and one of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from postroom.kernel.errors import NotFound
from postroom.parties.models import Party
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import show, show_part
from postroom.web.exports import as_csv
from postroom.web.fill import found, parties
from postroom.web.fill.listing import tools_of
from postroom.web.fill.peek import peeked
from postroom.web.pages import BulkAct, PartiesPage
from postroom.web.paging import page_of
from postroom.web.shell import actor_of


@needs("party.view")
def index(request: HttpRequest) -> HttpResponse:
    actor, peek = actor_of(request), request.GET.get("peek", "")
    rows, paging, total = page_of(request, found.parties(request), ("name", "pk"))
    export_url = reverse("parties-export")
    page = PartiesPage(
        url=reverse("parties"),
        q=asked.text(request, "q"),
        rows=parties.rows_of(actor, rows),
        paging=paging,
        tools=tools_of(
            request,
            actor,
            "parties",
            total,
            chips={},
            acts=(BulkAct(label=gettext("Export"), url=export_url, glyph="table"),),
            export=export_url,
            peek=peeked(actor, "parties", peek) if peek else None,
        ),
    )
    if asked.partial(request):
        answer = show_part(request, "desk/_parties_found.html", page, renewed=True)
    else:
        answer = show(request, "desk/parties.html", page)
    answer["Vary"] = "HX-Request"
    return answer


@needs("party.view")
def export(request: HttpRequest) -> HttpResponseBase:
    """The list, or what is selected of it, as CSV."""
    rows = found.parties(request)
    if request.GET.getlist("id") and not found.everything_asked(request):
        rows = rows.filter(pk__in=found.named(request))
    heads = [gettext("Number"), gettext("Name"), gettext("Place"), gettext("Country"), gettext("Language")]
    heads += [gettext("Wants it by"), gettext("E-mail")]
    return as_csv("parties.csv", heads, _cells(rows.order_by("name", "pk").iterator(500)))


def _cells(rows: Iterator[Party]) -> Iterator[list[object]]:
    for row in rows:
        place = str(row.address.get("city") or "")
        yield [row.key, row.name, place, row.country, row.language, parties.channel_of(row), row.email]


@needs("party.view")
def page(request: HttpRequest, party_id: uuid.UUID) -> HttpResponse:
    one = Party.objects.filter(pk=party_id).first()
    if one is None:
        raise NotFound(gettext("There is no such party."), hint=gettext("Search for the name or the number."))
    return show(request, "desk/party.html", parties.page_of(actor_of(request), one))
