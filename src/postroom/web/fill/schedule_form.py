"""The form of a schedule: which fields it has, by what it starts, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.models import Template
from postroom.delivery.models import Destination
from postroom.schedules.models import CLOCK, DOCUMENT, EVENT
from postroom.schedules.places import roots
from postroom.web.fill import schedules
from postroom.web.pages import Choice, ConfigField, Crumb
from postroom.web.pages.schedules import Coming, ScheduleForm

Values = Mapping[str, Any]


def form_of(
    by: str, values: Values, *, key: str = "", errors: Mapping[str, str] | None = None, error: str = ""
) -> ScheduleForm:
    """The form, empty, filled, or as it was typed. ``key``: the schedule that is being changed."""
    new, wrong = not key, dict(errors or {})
    back = reverse("schedule", args=[key]) if key else reverse("schedules")
    crumbs = [
        Crumb(label=gettext("Runs"), url=reverse("runs")),
        Crumb(label=gettext("Schedules"), url=reverse("schedules")),
    ]
    if key:
        crumbs.append(Crumb(label=str(values.get("name", key)), url=back))
    return ScheduleForm(
        crumbs=tuple(crumbs),
        url=reverse("schedule-edit", args=[key]) if key else reverse("schedule-new"),
        next_url=reverse("schedule-next"),
        back_url=back,
        by=by,
        ways=_ways(by) if new else (),
        when=_by_clock(values, wrong) if by == CLOCK else _by_cause(by, values, wrong),
        what=_what(values, wrong),
        records=_records(values, wrong) if by == CLOCK else (),
        coming=_coming(by, values),
        new=new,
        name=str(values.get("name", "")),
        error=error,
    )


def usual(by: str) -> dict[str, Any]:
    """What an empty form begins with."""
    return {
        "goes_by": by,
        "cron": "0 6 * * MON-FRI",
        "time_zone": settings.TIME_ZONE,
        "take": "watch",
        "path": ".",
        "pattern": "*",
        "which": "every",
        "settle_seconds": 30,
        "after": "remember",
        "date_field": "due_on" if by == DOCUMENT else "",
        "offset_days": 14 if by == DOCUMENT else 0,
        "at_time": "06:00",
        "catch_up": "newest",
        "priority": 0,
    }


def _coming(by: str, values: Values) -> Coming:
    if by != CLOCK:
        return Coming(about=_about(by))
    return schedules.coming_from({"cron": str(values.get("cron", "")), "time_zone": str(values.get("time_zone", ""))})


def _about(by: str) -> str:
    if by == EVENT:
        return gettext(
            "A program tells the event with its data; the data is kept at once. All that is due is made as one run, "
            "once for each cause, unless the program tells before that the cause has lapsed."
        )
    return gettext(
        "Each document of this kind made from now on is a cause, known by its number. When its day comes, a run is "
        "started with its data, unless a program tells before that the cause has lapsed: it was paid."
    )


def _ways(by: str) -> tuple[Choice, ...]:
    named = {CLOCK: gettext("By the clock"), EVENT: gettext("By an event"), DOCUMENT: gettext("By a document's date")}
    return tuple(
        Choice(value=f"{reverse('schedule-new')}?by={each}", label=label, chosen=each == by)
        for each, label in named.items()
    )


def _by_clock(values: Values, wrong: Mapping[str, str]) -> tuple[ConfigField, ...]:
    fields = gettext("Minute, hour, day of the month, month, day of the week: 0 6 * * MON-FRI is six on workdays.")
    missed = {
        "newest": gettext("start once, for the newest of them"),
        "each": gettext("start for each of them, oldest first"),
        "skip": gettext("leave them out"),
    }
    return (
        _text("cron", gettext("Cron expression"), values, wrong, hint=fields),
        _text("time_zone", gettext("Time zone"), values, wrong, hint=gettext("Such as Europe/Berlin or UTC.")),
        _choice("catch_up", gettext("Times missed while the house was closed"), values, wrong, missed),
    )


def _by_cause(by: str, values: Values, wrong: Mapping[str, str]) -> tuple[ConfigField, ...]:
    if by == EVENT:
        first = _text("event", gettext("Name of the event"), values, wrong, hint=gettext("Such as invoice.unpaid."))
        told = gettext("Empty: the date told with the event, or at once when none is told.")
    else:
        kinds = {"": gettext("Choose…")} | dict(Template.objects.order_by("name").values_list("key", "name"))
        first = _choice("event", gettext("Kind of document"), values, wrong, kinds)
        told = gettext("A name, or a path with dots such as terms.due_on.")
    return (
        first,
        _text(
            "date_field",
            gettext("Field of the data that holds the date"),
            values,
            wrong,
            hint=told,
            must=by == DOCUMENT,
        ),
        _text("offset_days", gettext("Days after that date; below zero: before it"), values, wrong, shape="number"),
        _text("at_time", gettext("Time of that day"), values, wrong),
        _text("time_zone", gettext("Time zone"), values, wrong, hint=gettext("Such as Europe/Berlin or UTC.")),
    )


def _what(values: Values, wrong: Mapping[str, str]) -> tuple[ConfigField, ...]:
    templates = {"": gettext("Choose…")} | dict(Template.objects.order_by("name").values_list("key", "name"))
    ways = {"": gettext("where the rules choose")} | {
        key: key for key in Destination.objects.filter(enabled=True).order_by("key").values_list("key", flat=True)
    }
    return (
        _text("name", gettext("What shall it be called?"), values, wrong),
        _choice("template_key", gettext("Template"), values, wrong, templates),
        _choice("destination", gettext("Send everything"), values, wrong, ways),
        ConfigField(
            name="hold",
            label=gettext("Hold for release"),
            shape="tick",
            value="true" if values.get("hold") in (True, "true") else "",
            hint=gettext("Everything is composed, and nothing is sent until somebody has looked at it."),
        ),
        _text(
            "priority", gettext("Priority"), values, wrong, shape="number",
            hint=gettext("0 is a batch. Runs with a higher number, up to 99, go first."),
        ),
        _text("mapping", gettext("Mapping, as YAML"), values, wrong, shape="json", must=False),
    )  # fmt: skip


def _records(values: Values, wrong: Mapping[str, str]) -> tuple[ConfigField, ...]:
    open_folders = ", ".join(str(root) for root in roots())
    takes = {"watch": gettext("new files of a folder"), "file": gettext("one file, as it is at the time")}
    whiches = {"every": gettext("every new file, a run each"), "newest": gettext("the newest file only")}
    afters = {"remember": gettext("stay where they are, and are known again"), "move": gettext("are moved into done/")}
    named = gettext("Such as invoices-*.csv.")
    where = gettext("Relative to {folders}. A dot is that folder itself.").format(folders=open_folders)
    settled = gettext("Seconds nobody may have written to a file before it is taken.")
    return (
        _choice("take", gettext("The records are in"), values, wrong, takes),
        _text("path", gettext("Folder or file"), values, wrong, hint=where),
        _text("pattern", gettext("Names of the files"), values, wrong, hint=named, must=False),
        _choice("which", gettext("Take"), values, wrong, whiches),
        _text("settle_seconds", gettext("Settled for"), values, wrong, hint=settled, shape="number", must=False),
        _choice("after", gettext("Taken files"), values, wrong, afters),
    )


def _text(
    name: str,
    label: str,
    values: Values,
    wrong: Mapping[str, str],
    *,
    hint: str = "",
    shape: Any = "text",
    must: bool = True,
) -> ConfigField:
    value = values.get(name)
    return ConfigField(
        name=name,
        label=label,
        shape=shape,
        value="" if value is None else str(value),
        hint=hint,
        required=must,
        error=wrong.get(name, ""),
    )


def _choice(name: str, label: str, values: Values, wrong: Mapping[str, str], options: Mapping[str, str]) -> ConfigField:
    chosen = str(values.get(name) or "")
    return ConfigField(
        name=name,
        label=label,
        shape="choice",
        required=True,
        options=tuple(Choice(value=key, label=text, chosen=key == chosen) for key, text in options.items()),
        error=wrong.get(name, ""),
    )
