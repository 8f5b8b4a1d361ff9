"""The list of deliveries."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from postroom.delivery import models as m
from postroom.delivery.queries import deliveries_visible_to
from postroom.documents.models import Enclosure
from postroom.identity.actor import Actor
from postroom.production.models import Run
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import show_found
from postroom.web.fill import deliveries
from postroom.web.pages import DeliveriesPage, StatusFilter
from postroom.web.paging import page_of
from postroom.web.shell import actor_of

_FILTERS = {
    "": Q(),
    "in_doubt": Q(state=m.IN_DOUBT),
    "failed": Q(state=m.FAILED),
    "deferred": Q(state=m.READY, attempts__gt=0),
    "in_progress": Q(state__in=m.IN_PROGRESS),
    "delivered": Q(state=m.DELIVERED),
    "suppressed": Q(state=m.SUPPRESSED),
    "cancelled": Q(state=m.CANCELLED),
    "superseded": Q(state=m.SUPERSEDED),
    "held": Q(state=m.HELD),
}
#: Shown even when nothing is in them.
_ALWAYS = ("", "in_doubt", "failed", "deferred", "in_progress", "delivered")


@needs("delivery.view")
def index(request: HttpRequest) -> HttpResponse:
    return show_found(request, "desk/deliveries.html", "desk/_deliveries_found.html", _page(request))


def _page(request: HttpRequest) -> DeliveriesPage:
    state, text = asked.text(request, "state"), asked.text(request, "q")
    chosen = state if state in _FILTERS else ""
    wanted = _wanted(request, actor_of(request), text)
    visible = deliveries_visible_to(actor_of(request)).filter(wanted)
    counts = visible.aggregate(
        **{f"n_{key}": Count("pk", filter=each) if key else Count("pk") for key, each in _FILTERS.items()}
    )
    found = visible.filter(_FILTERS[chosen]).select_related("communication__party")
    rows, paging, _ = page_of(request, found)
    return DeliveriesPage(
        url=reverse("deliveries"),
        q=text,
        filters=tuple(
            StatusFilter(status=key, url=_url(request, key), count=counts[f"n_{key}"], current=key == chosen)
            for key in _FILTERS
            if key in _ALWAYS or counts[f"n_{key}"] or key == chosen
        ),
        rows=deliveries.rows_of(rows),
        paging=paging,
    )


def _wanted(request: HttpRequest, actor: Actor, text: str) -> Q:
    wanted = Q()
    if text:
        wanted &= (
            Q(address__icontains=text)
            | Q(communication__party__name__icontains=text)
            | Q(communication__party__key__iexact=text)
            | Q(communication__in=Enclosure.objects.filter(document__number__istartswith=text).values("communication"))
        )
    channel, ref, party = (asked.text(request, name, 60) for name in ("channel", "run", "party"))
    if channel:
        wanted &= Q(channel=channel)
    if party:
        wanted &= Q(communication__party__key=party)
    if ref and actor.may("run.view"):
        wanted &= Q(run_id=Run.objects.values_list("pk", flat=True).filter(ref=ref.upper()).first())
    return wanted


def _url(request: HttpRequest, state: str) -> str:
    query = request.GET.copy()
    for name in ("before", "state"):
        query.pop(name, None)
    if state:
        query["state"] = state
    return f"{reverse('deliveries')}?{query.urlencode()}" if query else reverse("deliveries")
