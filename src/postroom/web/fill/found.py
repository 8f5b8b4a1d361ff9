"""What a list holds under the filters of an address. List, facets, export and acts on "all that match" all ask here,
so that they can never mean different rows. Everything starts at what the actor may see (P7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from postroom.delivery import models as m
from postroom.delivery.models import Delivery
from postroom.delivery.queries import deliveries_visible_to, said
from postroom.documents.models import Document
from postroom.documents.queries import Wanted, search
from postroom.identity.actor import Actor
from postroom.parties.models import Party
from postroom.production.models import SETTLED, Run
from postroom.production.queries import runs_visible_to
from postroom.web import asked

#: Rows that can be named one by one in an address; more go by their filters.
MOST_NAMED = 200

DELIVERY_STATES: dict[str, Q] = {
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
RUN_STATES: dict[str, Q] = {
    "": Q(),
    "in_progress": ~Q(state=SETTLED),
    "settled": Q(state=SETTLED, cancelled_at=None),
    "cancelled": ~Q(cancelled_at=None),
}
#: Facets of documents: how a value narrows them. States are those of deliveries, besides "archived": never sent.
FACETS = ("kind", "state", "year", "folder", "language")
_FACET_STATES = ("in_doubt", "failed", "in_progress", "delivered", "held", "cancelled", "suppressed")


def documents(request: HttpRequest, actor: Actor, *, leave_out: str = "") -> QuerySet[Document]:
    """``leave_out``: a facet whose own choice does not count, to count its values."""
    ref = asked.text(request, "run")
    wanted = Wanted(
        text=asked.text(request, "q"),
        party=asked.text(request, "party"),
        issued_from=asked.day(request, "from"),
        issued_to=asked.day(request, "to"),
        amount_from=asked.amount(request, "min") if asked.text(request, "min") else None,
        amount_to=asked.amount(request, "max") if asked.text(request, "max") else None,
    )
    found = search(actor, wanted)
    for facet in FACETS:
        values = chosen(request, facet)
        if values and facet != leave_out:
            found = found.filter(facet_filter(actor, facet, values))
    if ref:  # one question with the search; for who may not know of runs there is none of this name (P7)
        made_by = Run.objects.filter(ref=ref.upper()) if actor.may("run.view") else Run.objects.none()
        found = found.filter(run_id__in=made_by.values("pk"))
    return found


def chosen(request: HttpRequest, name: str) -> list[str]:
    """The values of a filter that may stand several times in an address."""
    values = (" ".join(value.replace("\x00", " ").split())[:80] for value in request.GET.getlist(name)[:40])
    return [value for value in dict.fromkeys(values) if value]


def facet_filter(actor: Actor, facet: str, values: Sequence[str]) -> Q:
    """Documents with one of ``values``. Values nobody knows find nothing."""
    if facet == "year":
        years = [int(value) for value in values if value.isdecimal() and len(value) == 4 and int(value)]
        wanted = Q(pk=None)
        for year in years:
            wanted |= Q(issued_on__year=year)
        return wanted
    if facet == "state":
        return state_filter(actor, values)
    return Q(**{f"{'folder_id' if facet == 'folder' else facet}__in": list(values)})


def state_filter(actor: Actor, values: Sequence[str]) -> Q:
    """By deliveries of the documents; for who may not see deliveries nothing is said by it (P7)."""
    if not actor.may("delivery.view"):
        return Q()
    wanted = Q(pk=None)
    sent = Delivery.objects.filter(communication__enclosures__document=OuterRef("pk"))
    for value in values:
        if value == "archived":
            wanted = wanted | Q(~Exists(sent))
        elif value in DELIVERY_STATES:
            wanted = wanted | Q(Exists(sent.filter(DELIVERY_STATES[value])))
    return wanted


def facet_states() -> tuple[str, ...]:
    """The values of the facet of states, in their order."""
    return (*_FACET_STATES, "archived")


def deliveries(request: HttpRequest, actor: Actor, *, state: bool = True) -> QuerySet[Delivery]:
    """``state``: whether the filter by state counts."""
    channel, ref, party = (asked.text(request, name, 60) for name in ("channel", "run", "party"))
    found = deliveries_visible_to(actor, bare=bool(party))
    text = asked.text(request, "q")
    if text:
        found = found.filter(said(text))
    if channel:
        found = found.filter(channel=channel)
    if party:
        found = found.filter(party_id=Party.objects.filter(key=party).values("pk")[:1])
    if ref and actor.may("run.view"):
        found = found.filter(run_id=Run.objects.values_list("pk", flat=True).filter(ref=ref.upper()).first())
    return found.filter(DELIVERY_STATES.get(asked.text(request, "state"), Q())) if state else found


def runs(request: HttpRequest, actor: Actor, *, state: bool = True) -> QuerySet[Run]:
    """By state and by a word of their reference, template or file."""
    found = runs_visible_to(actor)
    text = asked.text(request, "q", 100)
    if text:
        found = found.filter(Q(ref__iexact=text) | Q(template_key__icontains=text) | Q(parcel__name__icontains=text))
    return found.filter(RUN_STATES.get(asked.text(request, "state"), Q())) if state else found


def parties(request: HttpRequest) -> QuerySet[Party]:
    """By name, number, address or place. The view has asked for ``party.view``."""
    text = asked.text(request, "q")
    found = Party.objects.all()
    if text:
        wanted = Q(name__icontains=text) | Q(key__istartswith=text) | Q(email__icontains=text)
        found = found.filter(wanted | Q(address__city__icontains=text))
    return found


def named(request: HttpRequest) -> list[uuid.UUID]:
    """The rows an act was asked for by their ids; what is no id is left out."""
    found: list[uuid.UUID] = []
    for text in request.GET.getlist("id")[:MOST_NAMED]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def everything_asked(request: HttpRequest) -> bool:
    """Whether an act is meant for all rows that match, not for those named."""
    return request.GET.get("all") == "1"
