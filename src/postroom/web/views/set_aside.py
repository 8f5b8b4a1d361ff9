"""Everything that was set aside, and letting a whole group go on."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.kernel.errors import BadInput
from postroom.production.actions.resubmit_records import resubmit_records
from postroom.web import asked, words
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.exports import as_csv
from postroom.web.fill import found, set_aside
from postroom.web.fill.listing import same, tools_of
from postroom.web.fill.peek import peeked
from postroom.web.fill.set_aside import Wanted
from postroom.web.pages import BulkAct
from postroom.web.shell import actor_of

#: Records that go on at one click; more go on at the next.
_MOST = 5000


@needs("run.view", "record.view")
def index(request: HttpRequest) -> HttpResponse:
    actor, peek = actor_of(request), request.GET.get("peek", "")
    page = set_aside.page_of(actor, _wanted(request))
    export_url = reverse("set-aside-export")
    hand_in = BulkAct(label=gettext("Hand in again…"), url=reverse("set-aside-hand-in"), glyph="arrow-clockwise")
    take_out = BulkAct(label=gettext("Export"), url=export_url, glyph="table")
    tools = tools_of(
        request,
        actor,
        "set_aside",
        page.total,
        chips={"code": (gettext("Cause"), same)},
        acts=(hand_in, take_out) if actor.may("record.correct") else (),
        export=export_url,
        peek=peeked(actor, "set_aside", peek) if peek else None,
    )
    return show(request, "desk/set_aside.html", replace(page, tools=tools))


@needs("run.view", "record.view")
def export(request: HttpRequest) -> HttpResponseBase:
    """The list, or what is selected of it, as CSV: each problem of each record."""
    rows = set_aside.rows_of(actor_of(request), _wanted(request))
    if request.GET.getlist("id") and not found.everything_asked(request):
        rows = rows.filter(record__in=found.named(request))
    return as_csv("set-aside.csv", set_aside.heads(), set_aside.cells_of(rows))


@acts("run.view", "record.view", "record.correct")
def go_on(request: HttpRequest) -> HttpResponse:
    """Lets one group (code, template, stage, and a run if it was filtered by one), or all of a run, go on as it is."""
    actor, wanted = actor_of(request), _wanted(request)
    if not (wanted.code or wanted.run):
        raise BadInput(gettext("Which group shall go on?"), hint=gettext("Use the button of a group."))
    ids = set_aside.rows_of(actor, wanted).exclude(record__data="").values_list("record_id", flat=True)[:_MOST]
    done = resubmit_records(actor, ids)
    said = ngettext("{count} record goes on.", "{count} records go on.", done.gone_on)
    parts = [said.format(count=words.count(done.gone_on))]
    if done.left:
        parts.append(
            ngettext(
                "{count} stays set aside, because its run was cancelled.",
                "{count} stay set aside, because their runs were cancelled.",
                done.left,
            ).format(count=words.count(done.left))
        )
    parts.append(gettext("What is still wrong comes back here."))
    messages.success(request, " ".join(parts))
    return go(request, reverse("set-aside-all"))


def _wanted(request: HttpRequest) -> Wanted:
    return Wanted(
        run=asked.text(request, "run", 20),
        template=asked.text(request, "template", 60),
        stage=asked.text(request, "stage", 20),
        code=asked.text(request, "code", 60),
    )
