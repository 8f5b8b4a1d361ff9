"""One run: where its records are, what does not balance (nothing, ever), what waits for somebody."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import groupby

from django.db.models import Case, Count, IntegerField, When
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.delivery import models as m
from postroom.delivery.queries import deliveries_visible_to
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.production import queries
from postroom.production.balance import Balance, balance
from postroom.production.models import CANCELLED, COMPOSED, HELD, SETTLED, WAITING, Run
from postroom.web import words
from postroom.web.fill import aside, came_back, control, documents, names, pressure, run_data, runs
from postroom.web.fill.set_aside import cause as cause_word
from postroom.web.pages import (
    BackRow,
    BalanceTerm,
    BulkAct,
    CauseFilter,
    ChannelRow,
    CorrectForm,
    Fact,
    FunnelBin,
    FunnelStage,
    ReasonForm,
    RunPage,
    SetAsideRow,
    Tools,
)

#: Rows set aside on the page, others, and how many records set aside need no chips to be overlooked.
ASIDE_ROWS, SOME, FEW = 10, 8, 4
_ORDER = ("completed", "in_progress", "held", "set_aside", "failed", "suppressed", "cancelled", "superseded")


def page_of(
    actor: Actor,
    run: Run,
    *,
    aside_page: int = 1,
    cancel: ReasonForm | None = None,
    open_record: uuid.UUID | None = None,
    form: CorrectForm | None = None,
    partly: bool = False,
    cause: str = "",
) -> RunPage:
    """``cancel`` and ``form`` are forms that are open or came back with an error; ``partly``: only the living part;
    ``cause``: the code of the only cause shown of what was set aside."""
    counted = balance(run.pk)
    version = runs.made_by([run.template_version_id]).get(run.template_version_id)
    live = run.state != SETTLED
    found = visible_to(actor).filter(run_id=run.pk).select_related("party")
    channels = _channels(run, counted)
    see_deliveries = actor.may("delivery.view")
    back = _came_back(actor, run) if see_deliveries else ()
    rows, total, causes = _aside(actor, run, aside_page, open_record, form, cause)
    fits = next((each.count for each in causes if each.current), total)
    return RunPage(
        number=run.ref,
        name=runs.title_of(run, version),
        status=runs.status_of(run, counted),
        url=reverse("run", args=[run.ref]),
        poll_url=reverse("run-live", args=[run.ref]),
        facts=_facts(actor, run, counted, runs.template_of(run, version)),
        received=counted.received,
        stages=_stages(run, counted, _urls(run, counted, see_deliveries)),
        terms=tuple(
            BalanceTerm(status=key, count=counted.records[key], url=_urls(run, counted, see_deliveries).get(key, ""))
            for key in _ORDER
            if counted.records[key] or key == "completed"
        ),
        set_aside_total=total,
        set_aside=rows,
        channels=channels,
        channel_total=_total(channels, counted) if channels else None,
        came_back=back,
        came_back_total=sum(row.count for row in back),
        documents=documents.rows_of(list(found.order_by("-created_at", "-id")[:SOME]), deliveries=see_deliveries),
        documents_total=found.count(),
        documents_url=f"{reverse('documents')}?{urlencode({'run': run.ref})}",
        balance_url=reverse("run-balance", args=[run.ref]),
        live=live,
        headline=_headline(run, counted),
        announce=gettext("{run} is settled").format(run=run.ref) if partly and not live else "",
        error=gettext("This run was cancelled.") if run.cancelled_at else "",
        error_hint=run.cancel_reason,
        cancel=(cancel or ReasonForm(url=reverse("run-cancel", args=[run.ref])))
        if live and run.cancelled_at is None and actor.may("run.cancel")
        else None,
        set_aside_more_url=_aside_url(run, cause, aside_page + 1) if fits > aside_page * ASIDE_ROWS else "",
        set_aside_causes=causes,
        set_aside_url=f"{reverse('set-aside-all')}?{urlencode({'run': run.ref})}",
        tools=_tools(actor, run, total),
        control=control.control_of(actor, run, counted),
        data_files=run_data.files_of(actor, run),
    )


def _aside(
    actor: Actor, run: Run, page: int, open_record: uuid.UUID | None, form: CorrectForm | None, cause: str
) -> tuple[tuple[SetAsideRow, ...], int, tuple[CauseFilter, ...]]:
    """The rows, equal causes together; how many there are; and the causes, when choosing one saves looking."""
    found = queries.set_aside_of(actor, run)
    counted = dict(found.order_by().values_list("code").annotate(n=Count("pk")).order_by("-n", "code"))
    total = sum(counted.values())
    if cause in counted:
        found = found.filter(code=cause)
    by_cause = found.order_by("code", "record__ordinal")
    if open_record is not None:  # the open one comes first, wherever it is in the file
        opened = Case(When(record_id=open_record, then=0), default=1, output_field=IntegerField())
        by_cause = found.order_by(opened, "code", "record__ordinal")
    start = (page - 1) * ASIDE_ROWS
    correct = actor.may("record.correct")
    rows = tuple(
        aside.row_of(
            row,
            correct=correct,
            form=form if row.record_id == open_record else None,
            sample=actor.may("sample.capture"),
        )
        for row in by_cause[start : start + ASIDE_ROWS]
    )
    worth = 1 < len(counted) < total and total > FEW
    return rows, total, _causes(run, counted, cause) if worth or cause in counted else ()


def _causes(run: Run, counted: dict[str, int], cause: str) -> tuple[CauseFilter, ...]:
    every = CauseFilter(
        label=gettext("All"), count=sum(counted.values()), url=_aside_url(run), current=cause not in counted
    )
    return (
        every,
        *(
            CauseFilter(label=cause_word(code, ()), count=number, url=_aside_url(run, code), current=code == cause)
            for code, number in list(counted.items())[:SOME]
        ),
    )


def _aside_url(run: Run, cause: str = "", page: int = 1) -> str:
    asked = ({"cause": cause} if cause else {}) | ({"aside": page} if page > 1 else {})
    return reverse("run", args=[run.ref]) + (f"?{urlencode(asked)}" if asked else "") + "#h-aside"


def _tools(actor: Actor, run: Run, total: int) -> Tools | None:
    """What can be done with records that are ticked, as in the list over all runs."""
    if not total or not actor.may("record.correct"):
        return None
    again = BulkAct(label=gettext("Hand in again…"), url=reverse("set-aside-hand-in"), glyph="arrow-clockwise")
    return Tools(
        key="set_aside",
        url=reverse("set-aside-all"),
        query=urlencode({"run": run.ref}),
        hidden=(("run", run.ref),),
        acts=(again,),
        total=total,
        total_text=words.count(total),
    )


def _came_back(actor: Actor, run: Run) -> tuple[BackRow, ...]:
    """What failed of this run, folded by its cause."""
    failed = deliveries_visible_to(actor).filter(run_id=run.pk, state=m.FAILED).select_related("communication__party")
    return came_back.folded(list(failed.order_by("-changed_at")[: came_back.NEWEST]), run=run.ref)


def _urls(run: Run, counted: Balance, see_deliveries: bool) -> dict[str, str]:
    """Where each bucket is shown."""
    documents_url = f"{reverse('documents')}?{urlencode({'run': run.ref})}"
    found = {"set_aside": f"{reverse('run', args=[run.ref])}#h-aside", "documents": documents_url}
    if see_deliveries:
        base = reverse("deliveries")
        states = {"completed": "delivered", "held": "held" if counted.deliveries["held"] else "in_doubt"}
        for bucket in _ORDER:
            if bucket != "set_aside":
                asked = urlencode({"run": run.ref, "state": states.get(bucket, bucket)})
                found[bucket] = f"{base}?{asked}"
    return found


def _stages(run: Run, counted: Balance, urls: dict[str, str]) -> tuple[FunnelStage, ...]:
    """Five stages of the stream; each bin holds the records that left it there."""
    stored = counted.stored
    records, of = counted.records, counted.received
    waiting, composed, never = stored.get(WAITING, 0), stored.get(COMPOSED, 0), stored.get(CANCELLED, 0)
    moving, early = records["in_progress"] - waiting, stored.get(HELD, 0)
    stopped = {"suppressed": records["suppressed"], "cancelled": max(records["cancelled"] - never, 0)}
    left = composed - moving - sum(stopped.values()) - records["superseded"]
    own = f"{reverse('run', args=[run.ref])}"
    return (
        FunnelStage(
            key="received",
            count=of,
            of=of,
            bins=_bins({"set_aside": records["set_aside"], "held": early, "cancelled": never}, urls, own),
        ),
        FunnelStage(key="composed", count=composed, of=of, under_way=waiting, url=urls["documents"]),
        FunnelStage(key="archived", count=composed, of=of, url=urls["documents"]),
        FunnelStage(
            key="dispatched",
            count=left,
            of=of,
            under_way=moving,
            bins=_bins({**stopped, "superseded": records["superseded"]}, urls, own),
            url=urls.get("in_progress", "") if moving else "",
        ),
        FunnelStage(
            key="delivered",
            count=records["completed"],
            of=of,
            bins=_bins({"failed": records["failed"], "held": records["held"] - early}, urls, own),
            url=urls.get("completed", ""),
        ),
    )


def _bins(counts: dict[str, int], urls: dict[str, str], own: str) -> tuple[FunnelBin, ...]:
    return tuple(
        FunnelBin(status=status, count=count, url=urls.get(status, own)) for status, count in counts.items() if count
    )


def _channels(run: Run, counted: Balance) -> tuple[ChannelRow, ...]:
    """From the same count as the balance: both tables of the page tell of one moment."""
    rows = []
    for channel, some in groupby(counted.channels, key=lambda row: row[0]):
        group = list(some)
        made = {state: sum(number for _, each, _, number in group if each == state) for _, state, _, _ in group}
        arrived, in_doubt, came_back = (made.get(state, 0) for state in (m.DELIVERED, m.IN_DOUBT, m.FAILED))
        under_way = sum(made.get(state, 0) for state in m.IN_PROGRESS)
        whole = sum(made.values())
        rows.append(
            ChannelRow(
                channel=channel,
                made=whole,
                arrived=arrived,
                under_way=under_way,
                in_doubt=in_doubt,
                came_back=came_back,
                other=whole - arrived - under_way - in_doubt - came_back,
                truth=words.truth(min((truth for _, state, truth, _ in group if state == m.DELIVERED), default=0)),
                url=f"{reverse('deliveries')}?{urlencode({'run': run.ref, 'channel': channel})}",
            )
        )
    return tuple(rows)


def _total(rows: Sequence[ChannelRow], counted: Balance) -> ChannelRow:
    """``made`` is the tally that was kept while making, not the sum: the two are held against each other (P3)."""
    return ChannelRow(
        channel="all",
        made=counted.created,
        arrived=sum(row.arrived for row in rows),
        under_way=sum(row.under_way for row in rows),
        in_doubt=sum(row.in_doubt for row in rows),
        came_back=sum(row.came_back for row in rows),
        other=sum(row.other for row in rows),
    )


def _headline(run: Run, counted: Balance) -> str:
    moving = counted.deliveries["in_progress"]
    if run.state == SETTLED:
        return ""
    held = counted.records["held"]
    if held and not counted.in_progress:
        return ngettext("{count} record held", "{count} records held", held).format(count=words.count(held))
    if back := pressure.told(run):
        return back
    if moving:
        return ngettext("{count} delivery under way", "{count} deliveries under way", moving).format(
            count=words.count(moving)
        )
    return ngettext("{count} record being made", "{count} records being made", counted.records["in_progress"]).format(
        count=words.count(counted.records["in_progress"])
    )


def _facts(actor: Actor, run: Run, counted: Balance, template: str) -> tuple[Fact, ...]:
    received = ngettext("{count} record", "{count} records", counted.received).format(
        count=words.count(counted.received)
    )
    made = ngettext("{count} document", "{count} documents", counted.documents).format(
        count=words.count(counted.documents)
    )
    if run.settled_at is not None:
        seconds = (run.settled_at - run.started_at).total_seconds()
        made = gettext("{documents} in {time}").format(documents=made, time=_lasted(seconds))
    return (
        Fact(label=gettext("Started"), value=words.moment(run.started_at)),
        Fact(label=gettext("By"), value=names.who(run.started_by)),
        Fact(label=gettext("Source"), value=f"{run.parcel.name}, {received}"),
        Fact(label=gettext("Template"), value=template, url=reverse("templates") if actor.may("template.view") else ""),
        Fact(label=gettext("Goes to"), value=run.destination or gettext("rules choose")),
        Fact(label=gettext("Made"), value=made),
        Fact(label=gettext("Settled"), value=words.moment(run.settled_at) or gettext("not yet")),
    )


def _lasted(seconds: float) -> str:
    if seconds < 120:
        return gettext("{seconds} s").format(seconds=f"{seconds:.1f}" if seconds < 10 else round(seconds))
    return gettext("{minutes} min").format(minutes=round(seconds / 60))
