"""The list of runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from postroom.production.balance import balances
from postroom.production.models import SETTLED, Run
from postroom.web import asked, words
from postroom.web.access import needs
from postroom.web.answers import show, show_part
from postroom.web.exports import as_csv
from postroom.web.fill import found, names, runs
from postroom.web.fill.listing import address, filters_of, tools_of
from postroom.web.fill.peek import peeked
from postroom.web.pages import BulkAct, RunsPage, StatusFilter
from postroom.web.paging import how_many_each, how_many_text, page_of
from postroom.web.shell import actor_of
from postroom.web.words_states import state_word

_ROWS = 20


@needs("run.view")
def index(request: HttpRequest) -> HttpResponse:
    return show(request, "desk/runs.html", _page(request))


@needs("run.view")
def live(request: HttpRequest) -> HttpResponse:
    return show_part(request, "desk/_runs_live.html", _page(request))


@needs("run.view")
def export(request: HttpRequest) -> HttpResponseBase:
    """The list, or what is selected of it, as CSV: each row is a balance."""
    rows = found.runs(request, actor_of(request))
    if request.GET.getlist("id") and not found.everything_asked(request):
        rows = rows.filter(pk__in=found.named(request))
    heads = [gettext("Number"), gettext("Template"), gettext("Source"), gettext("State"), gettext("Received")]
    heads += [gettext("Done"), gettext("Set aside"), gettext("Under way"), gettext("Stopped"), gettext("Difference")]
    heads += [gettext("Started"), gettext("By")]
    return as_csv("runs.csv", heads, _cells(rows.order_by("-started_at", "-pk")))


def _cells(rows: QuerySet[Run]) -> Iterator[list[object]]:
    """Every run, 200 at a time: each batch asks for its balances at once."""
    reading = rows.iterator(chunk_size=200)
    while some := list(islice(reading, 200)):
        counted, versions = balances([row.pk for row in some]), runs.made_by(row.template_version_id for row in some)
        people = names.people(row.started_by for row in some)
        for row in some:
            shown = runs.row_of(row, counted[row.pk], versions.get(row.template_version_id), people)
            started = words.local(row.started_at).isoformat(" ", "seconds")
            yield [shown.number, shown.template, shown.source, state_word(shown.status), shown.received, shown.done,
                   shown.set_aside, shown.in_progress, shown.stopped, shown.difference, started, shown.by]  # fmt: skip


def _page(request: HttpRequest) -> RunsPage:
    actor, state = actor_of(request), asked.text(request, "state")
    current = state if state in found.RUN_STATES else ""
    every = found.runs(request, actor, state=False)
    counts = how_many_each({key: every.filter(each) for key, each in found.RUN_STATES.items()})
    rows, paging, total = page_of(request, found.runs(request, actor), ("-started_at", "-pk"), _ROWS)
    kept, peek = filters_of("runs", request.GET), request.GET.get("peek", "")
    return RunsPage(
        filters=tuple(
            StatusFilter(status=key, url=_url(request, key), count=how_many_text(counts[key]), current=key == current)
            for key in found.RUN_STATES
        ),
        rows=runs.rows_of(rows),
        paging=paging,
        poll_url=f"{reverse('runs-live')}?{request.GET.urlencode()}",
        live=any(row.state != SETTLED for row in rows),
        new_url=reverse("run-new") if actor.may("run.start") else "",
        schedules_url=reverse("schedules") if actor.may("schedule.view") else "",
        filtered=bool(kept),
        tools=tools_of(
            request,
            actor,
            "runs",
            total,
            chips={},
            acts=(BulkAct(label=gettext("Export"), url=reverse("runs-export"), glyph="table"),),
            export=reverse("runs-export"),
            peek=peeked(actor, "runs", peek) if peek else None,
        ),
    )


def _url(request: HttpRequest, state: str) -> str:
    kept = filters_of("runs", request.GET)
    kept.pop("state", None)
    if state:
        kept["state"] = state
    return address("runs", kept.urlencode())
