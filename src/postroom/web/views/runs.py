"""The list of runs."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from postroom.production.models import SETTLED
from postroom.production.queries import runs_visible_to
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import show, show_part
from postroom.web.fill import runs
from postroom.web.pages import RunsPage, StatusFilter
from postroom.web.paging import page_of
from postroom.web.shell import actor_of

_STATES = {
    "": Q(),
    "in_progress": ~Q(state=SETTLED),
    "settled": Q(state=SETTLED, cancelled_at=None),
    "cancelled": ~Q(cancelled_at=None),
}
_ROWS = 20


@needs("run.view")
def index(request: HttpRequest) -> HttpResponse:
    return show(request, "desk/runs.html", _page(request))


@needs("run.view")
def live(request: HttpRequest) -> HttpResponse:
    return show_part(request, "desk/_runs_live.html", _page(request))


def _page(request: HttpRequest) -> RunsPage:
    state = asked.text(request, "state")
    chosen = state if state in _STATES else ""
    visible = runs_visible_to(actor_of(request))
    counts = visible.order_by().aggregate(
        **{f"n_{key}": Count("pk", filter=condition) if key else Count("pk") for key, condition in _STATES.items()}
    )
    rows, paging, _ = page_of(request, visible.filter(_STATES[chosen]), ("-started_at", "-pk"), _ROWS)
    shown = runs.rows_of(rows)
    return RunsPage(
        filters=tuple(
            StatusFilter(
                status=key,
                url=f"{reverse('runs')}?{urlencode({'state': key})}" if key else reverse("runs"),
                count=counts[f"n_{key}"],
                current=key == chosen,
            )
            for key in _STATES
        ),
        rows=shown,
        paging=paging,
        poll_url=f"{reverse('runs-live')}?{request.GET.urlencode()}",
        live=any(row.state != SETTLED for row in rows),
        new_url=reverse("run-new") if actor_of(request).may("run.start") else "",
    )
