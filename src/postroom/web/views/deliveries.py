"""The list of deliveries."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery.models import Delivery
from postroom.web import asked, words
from postroom.web.access import needs
from postroom.web.answers import show, show_part
from postroom.web.exports import as_csv
from postroom.web.fill import deliveries, found, names
from postroom.web.fill.listing import filters_of, same, tools_of
from postroom.web.fill.peek import peeked
from postroom.web.pages import BulkAct, DeliveriesPage, StatusFilter
from postroom.web.paging import COUNTED, how_many_each, how_many_text, page_of
from postroom.web.shell import actor_of
from postroom.web.words_states import state_word

#: Those of it are counted with "in_progress" too; all others count apart, and together are all there are.
_PART = "deferred"
#: Shown even when nothing is in them.
_ALWAYS = ("", "in_doubt", "failed", "deferred", "in_progress", "delivered")


@needs("delivery.view")
def index(request: HttpRequest) -> HttpResponse:
    page = _page(request)
    if asked.partial(request):
        answer = show_part(request, "desk/_deliveries_found.html", page, renewed=True)
    else:
        answer = show(request, "desk/deliveries.html", page)
    answer["Vary"] = "HX-Request"
    return answer


@needs("delivery.view")
def export(request: HttpRequest) -> HttpResponseBase:
    """The list, or what is selected of it, as CSV."""
    rows = found.deliveries(request, actor_of(request))
    if request.GET.getlist("id") and not found.everything_asked(request):
        rows = rows.filter(pk__in=found.named(request))
    heads = [gettext("Number"), gettext("Subject"), gettext("For"), gettext("Party number"), gettext("Channel")]
    heads += [gettext("Goes to"), gettext("State"), gettext("Reason"), gettext("Tries"), gettext("Made")]
    heads.append(gettext("Changed"))
    ordered = rows.select_related("communication__party").order_by("-created_at", "-pk")
    return as_csv("deliveries.csv", heads, _cells(ordered.iterator(500)))


def _cells(rows: Iterator[Delivery]) -> Iterator[list[object]]:
    for row in rows:
        party = row.communication.party
        yield [names.short(row.pk), row.communication.subject, party.name, party.key, row.channel,
               deliveries.destination(row), state_word(deliveries.status_of(row)), row.reason, row.attempts,
               words.local(row.created_at).isoformat(" ", "seconds"),
               words.local(row.changed_at).isoformat(" ", "seconds")]  # fmt: skip


def _page(request: HttpRequest) -> DeliveriesPage:
    actor, state = actor_of(request), asked.text(request, "state")
    current = state if state in found.DELIVERY_STATES else ""
    every = found.deliveries(request, actor, state=False)
    counts = how_many_each({key: every.filter(each) for key, each in found.DELIVERY_STATES.items() if key})
    counts[""] = min(sum(number for key, number in counts.items() if key != _PART), COUNTED + 1)
    rows, paging, total = page_of(
        request,
        every.filter(found.DELIVERY_STATES[current]).select_related("communication__party"),
        total=counts[current],
    )
    kept, peek = filters_of("deliveries", request.GET), request.GET.get("peek", "")
    chips = {
        "channel": (gettext("Channel"), same),
        "run": (gettext("Run"), same),
        "party": (gettext("Party"), same),
    }
    acts = []
    if actor.may("delivery.resend"):
        acts.append(BulkAct(label=gettext("Send again…"), url=reverse("deliveries-resend"), glyph="paper-plane-tilt"))
    if actor.may("delivery.settle"):
        acts.append(BulkAct(label=gettext("Decide doubts…"), url=reverse("deliveries-decide"), glyph="question"))
    if actor.may("delivery.hold"):
        acts.append(BulkAct(label=gettext("Hold…"), url=reverse("deliveries-hold"), glyph="hand-palm"))
        acts.append(BulkAct(label=gettext("Release…"), url=reverse("deliveries-release"), glyph="arrow-clockwise"))
    if actor.may("delivery.cancel"):
        acts.append(BulkAct(label=gettext("Cancel…"), url=reverse("deliveries-cancel"), glyph="x"))
    acts.append(BulkAct(label=gettext("Export"), url=reverse("deliveries-export"), glyph="table"))
    return DeliveriesPage(
        url=reverse("deliveries"),
        q=asked.text(request, "q"),
        filters=tuple(
            StatusFilter(
                status=key, url=_url(request, key), count=how_many_text(counts[key]),
                current=key == current,
            )
            for key in found.DELIVERY_STATES
            if key in _ALWAYS or counts[key] or key == current
        ),
        rows=deliveries.rows_of(rows),
        paging=paging,
        filtered=bool(kept),
        tools=tools_of(
            request,
            actor,
            "deliveries",
            total,
            chips=chips,
            acts=acts,
            export=reverse("deliveries-export"),
            peek=peeked(actor, "deliveries", peek) if peek else None,
        ),
    )  # fmt: skip


def _url(request: HttpRequest, state: str) -> str:
    kept = filters_of("deliveries", request.GET)
    kept.pop("state", None)
    if state:
        kept["state"] = state
    return f"{reverse('deliveries')}?{kept.urlencode()}" if kept else reverse("deliveries")
