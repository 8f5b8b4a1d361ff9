"""What came back or does not go on, folded by its cause: seven mailboxes that are unknown are one thing to know."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Min, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.delivery import models as m
from postroom.delivery.models import Delivery
from postroom.kernel import clock
from postroom.web import words
from postroom.web.fill import deliveries
from postroom.web.pages import BackRow
from postroom.web.said import said

#: How far back the first page looks, and how many of the newest are folded.
DAYS, NEWEST = 7, 200
_NAMES = 2


@dataclass(frozen=True, slots=True)
class _After:
    """What was done after a delivery failed: ``to`` is where it fell back to, "" where a person sent it again."""

    to: str
    arrived: bool


def lately(visible: QuerySet[Delivery]) -> tuple[tuple[BackRow, ...], int]:
    """Rows of the last days and how many deliveries they stand for: those that failed, then those that wait."""
    since = clock.now() - dt.timedelta(days=DAYS)
    failed = visible.filter(state=m.FAILED, changed_at__gte=since).select_related("communication__party")
    rows = folded(list(failed.order_by("-changed_at")[:NEWEST]), settled=False)
    waiting = _waiting(visible)
    every = (*rows, *waiting)
    return every, sum(row.count for row in every)


def folded(failed: Sequence[Delivery], *, settled: bool = True, run: str = "") -> tuple[BackRow, ...]:
    """Failed deliveries by cause, newest cause first. ``settled``: also those a person sent again; ``run``: whose
    deliveries are opened."""
    after = _after(failed)
    groups: dict[tuple[str, str, str], list[Delivery]] = {}
    for row in failed:
        then = after.get(row.pk)
        if then is not None and not then.to and not settled:
            continue  # somebody looked after it
        groups.setdefault((row.channel, row.reason, then.to if then else ""), []).append(row)
    alone = [rows[0] for rows in groups.values() if len(rows) == 1]
    titles = deliveries.titles_of(row.communication_id for row in alone)
    return tuple(_row(rows, after, titles, run) for rows in groups.values())


def _after(failed: Sequence[Delivery]) -> dict[uuid.UUID, _After]:
    """By the delivery that failed: what took its place. One question however many failed."""
    if not failed:
        return {}
    later: dict[uuid.UUID, list[Delivery]] = {}
    for row in Delivery.objects.filter(communication__in={row.communication_id for row in failed}).order_by(
        "created_at"
    ):
        later.setdefault(row.communication_id, []).append(row)
    found = {}
    for row in failed:
        since = [one for one in later.get(row.communication_id, ()) if one.created_at > row.created_at]
        if since:
            fell = next((one for one in since if one.fallback_for == row.pk), None)
            arrived = any(one.state == m.DELIVERED for one in since)
            found[row.pk] = _After(fell.destination_id if fell else "", arrived)
    return found


def _row(
    rows: Sequence[Delivery], after: Mapping[uuid.UUID, _After], titles: Mapping[uuid.UUID, str], run: str
) -> BackRow:
    first, count = rows[0], len(rows)
    then = after.get(first.pk)
    if count == 1:
        what = gettext("{title} to {name}").format(
            title=titles.get(first.communication_id) or first.communication.subject, name=first.communication.party.name
        )
        url, button = reverse("delivery", args=[first.pk]), gettext("Open")
    else:
        what = ngettext("{count} delivery came back", "{count} deliveries came back", count).format(
            count=words.count(count)
        )
        asked = {"state": m.FAILED, "channel": first.channel} | ({"run": run} if run else {})
        url = f"{reverse('deliveries')}?{urlencode(asked)}"
        button = gettext("Open {count}").format(count=words.count(count))
    done = [one for one in (after.get(row.pk) for row in rows) if one is not None and one.arrived]
    return BackRow(
        status="fell_back" if then and then.to else "failed",
        channel=first.channel,
        what=what,
        who=_named(row.communication.party.name for row in rows) if count > 1 else "",
        why=said(first.reason),
        then=_then(then, len(done) == count),
        url=url,
        button=button,
        since=words.moment(max(row.changed_at for row in rows)),
        count=count,
    )


def _then(after: _After | None, arrived: bool) -> str:
    """What Postroom did, or that a person is needed."""
    if after is None:
        return gettext("Nothing was sent in its place.")
    if not after.to:
        return gettext("Sent again since.")
    if arrived:
        return gettext("Went to {to} instead, and arrived.").format(to=after.to)
    return gettext("Went to {to} instead.").format(to=after.to)


def _named(names: Iterable[str]) -> str:
    """Two names, and how many others."""
    different = list(dict.fromkeys(names))
    shown, rest = ", ".join(different[:_NAMES]), len(different) - _NAMES
    if rest <= 0:
        return shown
    return ngettext("{names} and {count} other", "{names} and {count} others", rest).format(
        names=shown, count=words.count(rest)
    )


def _waiting(visible: QuerySet[Delivery]) -> tuple[BackRow, ...]:
    """Deliveries that cannot go on by themselves at once: tried in vain, or their destination is out of use."""
    ready = visible.filter(state=m.READY).order_by()
    counted = (
        ready.filter(attempts__gt=0, destination__enabled=True) | ready.filter(destination__enabled=False)
    ).values("destination_id", "channel", "destination__enabled")
    rows = counted.annotate(n=Count("pk"), since=Min("created_at"), due=Min("next_attempt_at"), why=Max("reason"))
    return tuple(_stopped(row) for row in rows.order_by("-n"))


def _stopped(row: Mapping[str, object]) -> BackRow:
    count, to, used = int(str(row["n"])), str(row["destination_id"]), bool(row["destination__enabled"])
    what = ngettext("{count} delivery waits for {to}", "{count} deliveries wait for {to}", count)
    due = row["due"] if isinstance(row["due"], dt.datetime) else None
    since = row["since"] if isinstance(row["since"], dt.datetime) else None
    state = urlencode({"state": "deferred" if used else "in_progress", "channel": str(row["channel"])})
    return BackRow(
        status="deferred" if used else "off",
        channel=str(row["channel"]),
        what=what.format(count=words.count(count), to=to),
        why=said(str(row["why"])) if used else gettext("{to} is out of use.").format(to=to),
        then=gettext("Next try {when}.").format(when=words.moment(due))
        if used
        else gettext("They go on as soon as it is used again."),
        url=f"{reverse('deliveries')}?{state}",
        button=gettext("Open {count}").format(count=words.count(count)) if count > 1 else gettext("Open"),
        since=words.moment(since),
        count=count,
    )
