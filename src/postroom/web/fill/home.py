"""The first page: what waits for somebody, what runs, how the day goes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Count, Exists, Min, OuterRef, Sum
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

from postroom.delivery import models as m
from postroom.delivery.models import Delivery
from postroom.delivery.queries import deliveries_visible_to
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.production.models import SETTLED, Run
from postroom.production.queries import runs_visible_to, set_aside_of
from postroom.web import words
from postroom.web.fill import deliveries, letters, listing, runs
from postroom.web.fill.came_back import NEWEST
from postroom.web.fill.came_back import lately as came_back_lately
from postroom.web.models import SavedView
from postroom.web.pages import Figure, FollowOrder, HomePage, NeedRow, PinnedView
from postroom.web.paging import how_many, how_many_each, how_many_text
from postroom.web.said import said

_SOME, _RUNNING = 5, 5


def page_of(actor: Actor, follow: FollowOrder | None = None, pinned: Sequence[SavedView] = ()) -> HomePage:
    needs, total = _needs(actor)
    back, came_back = came_back_lately(deliveries_visible_to(actor)) if actor.may("delivery.view") else ((), 0)
    open_runs = runs_visible_to(actor).exclude(state=SETTLED)
    running = runs.rows_of(list(open_runs[:_RUNNING]))
    return HomePage(
        weekday=formats.date_format(timezone.localtime(clock.now()), "l"),
        summary=_summary(total, came_back, len(running)),
        needs=needs,
        needs_total=total,
        running=running,
        today=_today(actor),
        poll_url=reverse("home-live"),
        live=bool(running),
        follow=follow,
        start_url=reverse("run-new") if actor.may("run.view") and actor.may("run.start") else "",
        pinned=_pinned(actor, pinned),
        back=back[:_SOME],
        back_total=f"{words.count(came_back)}+" if came_back >= NEWEST else words.count(came_back),
        back_url=f"{reverse('deliveries')}?state={m.FAILED}" if back else "",
    )


def _pinned(actor: Actor, views: Sequence[SavedView]) -> tuple[PinnedView, ...]:
    """Views of lists this person may (still) see."""
    lists = {
        "documents": (gettext("Documents"), "files"),
        "deliveries": (gettext("Deliveries"), "paper-plane-tilt"),
        "runs": (gettext("Runs"), "stack"),
        "parties": (gettext("Parties"), "address-book"),
        "set_aside": (gettext("Set aside"), "tray"),
    }
    return tuple(
        PinnedView(
            name=view.name,
            list_name=lists[view.list_key][0],
            glyph=lists[view.list_key][1],
            url=listing.address(view.list_key, view.query),
        )
        for view in views
        if view.list_key in lists and all(actor.may(need) for need in listing.NEEDS[view.list_key])
    )


def _summary(waiting: int, back: int, running: int) -> str:
    parts = [
        ngettext("{count} thing waits for you.", "{count} things wait for you.", waiting).format(
            count=words.count(waiting)
        )
        if waiting
        else gettext("Nothing waits for you.")
    ]
    if back:
        said_back = ngettext("{count} came back or stopped.", "{count} came back or stopped.", back)
        parts.append(said_back.format(count=words.count(back)))
    if running:
        under_way = ngettext("{count} run is under way.", "{count} runs are under way.", running)
        parts.append(under_way.format(count=words.count(running)))
    return " ".join(parts)


def _needs(actor: Actor) -> tuple[tuple[NeedRow, ...], int]:
    """What only a person can decide: letters to approve or to change, records set aside (one row a run), deliveries in
    doubt."""
    written, written_total = letters.needs_of(actor, _SOME)
    aside, aside_total = _aside(actor)
    doubts = (
        deliveries_visible_to(actor)
        .filter(state=m.IN_DOUBT)
        .select_related("communication__party")
        .order_by("-changed_at")
    )
    count = how_many(doubts)
    found = list(doubts[:_SOME]) if count else []
    titles = deliveries.titles_of(row.communication_id for row in found)
    rows = aside + [_delivery_row(row, titles.get(row.communication_id, "")) for row in found]
    return (*written, *rows), written_total + aside_total + count


def _aside(actor: Actor) -> tuple[list[NeedRow], int]:
    groups = list(
        set_aside_of(actor).order_by("run_id").values("run_id").annotate(count=Count("pk"), since=Min("created_at"))
    )
    found = (
        {run.pk: run for run in Run.objects.filter(pk__in=[group["run_id"] for group in groups[:_SOME]])}
        if groups
        else {}
    )
    versions = runs.made_by(run.template_version_id for run in found.values()) if found else {}
    reasons = _reasons(actor, list(found))
    rows = []
    for group in groups[:_SOME]:
        run = found[group["run_id"]]
        what = ngettext("{count} record set aside", "{count} records set aside", group["count"])
        rows.append(
            NeedRow(
                status="set_aside",
                what=what.format(count=words.count(group["count"])),
                why=said(reasons.get(run.pk, "")),
                where=runs.title_of(run, versions.get(run.template_version_id)),
                url=reverse("run", args=[run.ref]) + "#h-aside",
                since=words.moment(group["since"]),
            )
        )
    return rows, len(groups)


def _reasons(actor: Actor, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The first reason of each run."""
    if not run_ids:
        return {}
    firsts = set_aside_of(actor).filter(run__in=run_ids).order_by("run_id", "record__ordinal").distinct("run_id")
    return {row.run_id: str((row.problems or [{}])[0].get("reason", "")) for row in firsts}


def _delivery_row(row: Delivery, title: str) -> NeedRow:
    return NeedRow(
        status=deliveries.status_of(row),
        what=gettext("{title} to {name}").format(
            title=title or row.communication.subject, name=row.communication.party.name
        ),
        why=said(row.reason),
        where=deliveries.destination(row),
        url=reverse("delivery", args=[row.pk]),
        since=words.moment(row.changed_at),
    )


def _today(actor: Actor) -> tuple[Figure, ...]:
    """Figures since midnight on the reader's clock."""
    midnight = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    figures = []
    if actor.may("run.view"):
        received = runs_visible_to(actor).filter(started_at__gte=midnight).aggregate(n=Sum("received"))["n"] or 0
        aside = set_aside_of(actor).filter(created_at__gte=midnight).count()
        note = gettext("{count} set aside").format(count=words.count(aside)) if aside else ""
        figures.append(Figure(label=gettext("Received"), value=words.count(received), note=note))
    if actor.may("document.view"):
        composed = how_many(visible_to(actor).filter(created_at__gte=midnight))
        figures.append(Figure(label=gettext("Composed"), value=how_many_text(composed)))
    if actor.may("delivery.view"):
        today = deliveries_visible_to(actor).filter(changed_at__gte=midnight)
        states = {"delivered": (m.DELIVERED,), "moving": m.IN_PROGRESS, "failed": (m.FAILED,)}
        fell = today.filter(Exists(Delivery.objects.filter(fallback_for=OuterRef("pk"))), state=m.FAILED)
        lists = {key: today.filter(state__in=each) for key, each in states.items()}
        counted = how_many_each(lists | {"fell": fell})
        count = {key: how_many_text(number) for key, number in counted.items()}
        moving = gettext("{count} under way").format(count=count["moving"]) if counted["moving"] else ""
        figures.append(Figure(label=gettext("Delivered"), value=count["delivered"], note=moving))
        note = gettext("{count} fell back").format(count=count["fell"]) if counted["fell"] else ""
        if counted["failed"] and counted["fell"] == counted["failed"]:
            note = gettext("all fell back")
        figures.append(Figure(label=gettext("Came back"), value=count["failed"], note=note))
    return tuple(figures)
