"""Schedules in words: by what they start, when next, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition.models import Template
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import PostroomError
from postroom.schedules import queries, timing
from postroom.schedules.models import CLOCK, EVENT, FILE, PLANNED, Cause, Firing, Schedule
from postroom.web import words
from postroom.web.fill import names
from postroom.web.pages import Crumb, Fact, Undo
from postroom.web.pages.schedules import CauseRow, Coming, FiringRow, SchedulePage, ScheduleRow, SchedulesPage

_FIRED, _CAUSES = 20, 50


def list_page(actor: Actor, removed: Schedule | None = None) -> SchedulesPage:
    """All schedules. ``removed``: the one that was just taken away, to be brought back."""
    found = list(queries.schedules_visible_to(actor))
    last = {
        each.schedule_id: each
        for each in Firing.objects.filter(schedule__in=found).order_by("schedule", "at").iterator()
        if each.runs
    }
    called = dict(Template.objects.values_list("key", "name"))
    undo = None
    if removed is not None and actor.may("schedule.manage"):
        said = gettext("“{name}” is removed. Its runs stay.").format(name=removed.name)
        undo = Undo(said=said, token=removed.key, url=reverse("schedule-restore", args=[removed.key]))
    return SchedulesPage(
        crumbs=(Crumb(label=gettext("Runs"), url=reverse("runs")),),
        rows=tuple(_row(each, last.get(each.pk), called) for each in found),
        new_url=reverse("schedule-new") if may_manage(actor) else "",
        undo=undo,
        late=any(queries.is_late(each) for each in found),
    )


def may_manage(actor: Actor) -> bool:
    """Who sets up a schedule starts its runs, too."""
    return actor.may("schedule.manage") and actor.may("run.start")


def page_of(actor: Actor, found: Schedule) -> SchedulePage:
    """One schedule."""
    fired = list(queries.firings_of(found)[:_FIRED])
    waiting = queries.causes_of(found)
    rows = list(waiting.filter(state=PLANNED)[:_CAUSES])
    rows += list(waiting.exclude(state=PLANNED).order_by("-ended_at")[: max(0, _CAUSES - len(rows))])
    people = names.people([found.created_by, *(row.told_by for row in rows)])
    paused, manage, acting = found.paused_at is not None, actor.may("schedule.manage"), may_manage(actor)

    def to(name: str, allowed: bool) -> str:
        return reverse(f"schedule-{name}", args=[found.key]) if allowed else ""

    return SchedulePage(
        crumbs=(
            Crumb(label=gettext("Runs"), url=reverse("runs")),
            Crumb(label=gettext("Schedules"), url=reverse("schedules")),
        ),
        name=found.name,
        status=_status(found),
        facts=_facts(found, people),
        coming=coming_of(found),
        fired=tuple(_fired(each) for each in fired),
        causes=tuple(_cause(each, people) for each in rows),
        causes_count=waiting.filter(state=PLANNED).count(),
        by_cause=found.goes_by != CLOCK,
        trouble=f"{found.trouble} {found.trouble_hint}".strip(),
        trouble_when=words.moment(found.trouble_at),
        late=queries.is_late(found),
        edit_url=to("edit", acting),
        run_url=to("run", acting),
        pause_url=to("pause", manage and not paused),
        resume_url=to("resume", manage and paused),
        remove_url=to("remove", manage),
    )


def coming_of(found: Schedule) -> Coming:
    """Its next times, or in words why none can be said."""
    if found.paused_at is not None:
        return Coming(about=gettext("It is paused and starts nothing until it is resumed."))
    if found.goes_by != CLOCK:
        return Coming(about=when_of(found))
    return _coming(queries.coming(found), found.time_zone)


def coming_from(typed: Mapping[str, str]) -> Coming:
    """The next times of a form that is being filled in."""
    cron, place = typed.get("cron", ""), typed.get("time_zone", "UTC")
    try:
        return _coming(timing.coming(cron, place, clock.now(), 5), place)
    except PostroomError as error:
        return Coming(error=f"{error.message} {error.hint}".strip())


def when_of(found: Schedule) -> str:
    """The rule in words."""
    if found.goes_by == CLOCK:
        return gettext("{cron} in {zone}").format(cron=found.cron, zone=found.time_zone)
    if not found.date_field and found.goes_by == EVENT and not found.offset_days:
        return gettext("As soon as the event “{event}” is told").format(event=found.event)
    days = abs(found.offset_days)
    field = found.date_field or gettext("the date that is told")
    if not days:
        said = gettext("On {field}")
    elif found.offset_days > 0:
        said = ngettext("{days} day after {field}", "{days} days after {field}", days)
    else:
        said = ngettext("{days} day before {field}", "{days} days before {field}", days)
    at = (found.at_time or dt.time(6)).strftime("%H:%M")
    when = said.format(days=days, field=field)
    told = gettext("event “{event}”") if found.goes_by == EVENT else gettext("for each new “{event}”")
    return gettext("{when} at {time} {zone}, {event}").format(
        when=when, time=at, zone=found.time_zone, event=told.format(event=found.event)
    )


def _coming(times: Iterable[dt.datetime], zone: str) -> Coming:
    """In the reader's time zone; in that of the schedule beside it where that is another hour."""
    place, shown = timing.zone(zone), []
    for at in times:
        text, there = words.weekday_moment(at), at.astimezone(place)
        if there.utcoffset() != words.local(at).utcoffset():
            text = gettext("{here} ({there} in {zone})").format(here=text, there=f"{there:%H:%M}", zone=zone)
        shown.append(text)
    return Coming(times=tuple(shown), zone=zone)


def _status(found: Schedule) -> str:
    return "paused" if found.paused_at is not None else "live"


def _row(found: Schedule, last: Firing | None, called: Mapping[str, str]) -> ScheduleRow:
    following = words.weekday_moment(found.next_due) if found.next_due and found.paused_at is None else ""
    return ScheduleRow(
        url=reverse("schedule", args=[found.key]),
        name=found.name,
        key=found.key,
        template=called.get(found.template_key, found.template_key),
        by=found.goes_by,
        when=when_of(found),
        next=following,
        status=_status(found),
        last=last.runs[-1] if last else "",
        last_url=reverse("run", args=[last.runs[-1]]) if last else "",
        trouble=found.trouble,
    )


def _facts(found: Schedule, people: Mapping[str, str]) -> tuple[Fact, ...]:
    called = Template.objects.filter(key=found.template_key).values_list("name", flat=True).first()
    facts = [Fact(label=gettext("Template"), value=called or found.template_key)]
    facts.append(Fact(label=gettext("Starts"), value=when_of(found)))
    if found.goes_by == CLOCK:
        where = found.path if found.take == FILE else f"{found.path}/{found.pattern}"
        label = gettext("File") if found.take == FILE else gettext("Watched")
        facts.append(Fact(label=label, value=where, code=True))
    facts.append(Fact(label=gettext("Goes to"), value=found.destination or gettext("where the rules choose")))
    if found.hold:
        facts.append(Fact(label=gettext("Before sending"), value=gettext("Waits until somebody releases it")))
    who = words.who(found.created_by, dict(people))
    facts.append(Fact(label=gettext("Set up"), value=f"{who}, {words.day(words.local(found.created_at).date())}"))
    return tuple(facts)


def _fired(each: Firing) -> FiringRow:
    if each.state == "skipped":
        about = ngettext(
            "{count} time passed while nobody was here.", "{count} times passed while nobody was here.", each.missed
        ).format(count=words.count(each.missed))
    else:
        about = each.told or (gettext("Nothing new was there.") if each.state == "nothing" else "")
    return FiringRow(
        due=words.weekday_moment(each.due),
        status=each.state,
        about=about,
        hint=each.hint,
        runs=tuple((ref, reverse("run", args=[ref])) for ref in each.runs),
    )


def _cause(each: Cause, people: Mapping[str, str]) -> CauseRow:
    return CauseRow(
        key=each.key,
        status=each.state,
        due=words.moment(each.due),
        by=words.who(each.told_by, dict(people)),
        run=each.run_ref,
        run_url=reverse("run", args=[each.run_ref]) if each.run_ref else "",
    )


def values_of(found: Schedule) -> dict[str, Any]:
    """Its settings as the form types them."""
    timed = ("cron", "time_zone", "catch_up", "take", "path", "pattern", "which", "settle_seconds", "after")
    cause = ("event", "date_field", "offset_days")
    run = ("name", "goes_by", "template_key", "mapping", "destination", "priority", "hold")
    values: dict[str, Any] = {name: getattr(found, name) for name in (*run, *timed, *cause)}
    values["at_time"] = found.at_time.strftime("%H:%M") if found.at_time else "06:00"
    return values
