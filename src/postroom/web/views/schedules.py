"""Schedules: the list, one of them, the form, and what is done to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.queries import UnknownTemplate
from postroom.delivery.errors import NoChannel
from postroom.kernel.errors import PostroomError
from postroom.rules import MappingRefused
from postroom.schedules import queries
from postroom.schedules.actions.add_schedule import add_schedule
from postroom.schedules.actions.change_schedule import change_schedule
from postroom.schedules.actions.pause_schedule import pause_schedule
from postroom.schedules.actions.remove_schedule import remove_schedule
from postroom.schedules.actions.restore_schedule import restore_schedule
from postroom.schedules.actions.resume_schedule import resume_schedule
from postroom.schedules.actions.run_now import run_now
from postroom.schedules.errors import BadCron, BadSchedule, BadZone, ScheduleTaken
from postroom.schedules.models import CLOCK, DOCUMENT, EVENT, Schedule
from postroom.schedules.wanted import Wanted
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, show, show_part
from postroom.web.fill import schedule_form, schedules
from postroom.web.shell import actor_of

_WHOLE = ("offset_days", "priority", "settle_seconds")
#: Fields that begin empty; a form that lacks one means it empty.
_EMPTY = ("name", "event", "template_key", "destination", "mapping", "hold")


@needs("schedule.view")
def index(request: HttpRequest) -> HttpResponse:
    """``?removed=KEY`` offers to bring that one back."""
    removed = Schedule.objects.filter(key=asked.text(request, "removed")).exclude(removed_at=None).first()
    return show(request, "desk/schedules.html", schedules.list_page(actor_of(request), removed))


@needs("schedule.view")
def page(request: HttpRequest, schedule: str) -> HttpResponse:
    actor = actor_of(request)
    return show(request, "desk/schedule.html", schedules.page_of(actor, queries.schedule(actor, schedule)))


@needs("schedule.view", "schedule.manage", "run.start", post=())
def new(request: HttpRequest) -> HttpResponse:
    """``?by=clock``, event or document."""
    by = asked.posted(request, "goes_by") or asked.text(request, "by")
    by = by if by in (CLOCK, EVENT, DOCUMENT) else CLOCK
    if request.method != "POST":
        return show(request, "desk/schedule_form.html", schedule_form.form_of(by, schedule_form.usual(by)))
    return _kept(request, by, "")


@needs("schedule.view", "schedule.manage", "run.start", post=())
def edit(request: HttpRequest, schedule: str) -> HttpResponse:
    found = queries.schedule(actor_of(request), schedule)
    if request.method != "POST":
        form = schedule_form.form_of(found.goes_by, schedules.values_of(found), key=found.key)
        return show(request, "desk/schedule_form.html", form)
    return _kept(request, found.goes_by, found.key)


@acts("schedule.view", "schedule.manage")
def coming(request: HttpRequest) -> HttpResponse:
    """The next times of what is typed: a part of the form."""
    typed = {name: asked.posted(request, f"set-{name}") for name in ("cron", "time_zone")}
    return show_part(request, "desk/_schedule_coming.html", schedules.coming_from(typed))


@acts("schedule.view", "schedule.manage")
def pause(request: HttpRequest, schedule: str) -> HttpResponse:
    found = pause_schedule(actor_of(request), schedule)
    return _done(request, found, gettext("“{name}” is paused. It starts nothing until it is resumed."))


@acts("schedule.view", "schedule.manage")
def resume(request: HttpRequest, schedule: str) -> HttpResponse:
    found = resume_schedule(actor_of(request), schedule)
    return _done(request, found, gettext("“{name}” goes on. Times that passed meanwhile are left out."))


@acts("schedule.view", "schedule.manage")
def remove(request: HttpRequest, schedule: str) -> HttpResponse:
    """At once; the list it leads to offers to undo it."""
    found = remove_schedule(actor_of(request), schedule)
    return go(request, f"{reverse('schedules')}?{urlencode({'removed': found.key})}")


@acts("schedule.view", "schedule.manage")
def restore(request: HttpRequest, schedule: str) -> HttpResponse:
    return _done(request, restore_schedule(actor_of(request), schedule), gettext("“{name}” is back."))


@acts("schedule.view", "schedule.manage", "run.start")
def start(request: HttpRequest, schedule: str) -> HttpResponse:
    """Leads to the run when it is one; else says what came of it."""
    made = run_now(actor_of(request), schedule)
    if len(made.runs) == 1 and actor_of(request).may("run.view"):
        return go(request, reverse("run", args=[made.runs[0]]))
    if made.runs:
        said = gettext("{count} runs started: {runs}.").format(count=len(made.runs), runs=", ".join(made.runs))
    else:
        said = f"{made.told} {made.hint}".strip() or gettext("Nothing new was there, so nothing was started.")
    messages.info(request, said)
    return go(request, reverse("schedule", args=[schedule]))


def _done(request: HttpRequest, found: Schedule, said: str) -> HttpResponse:
    messages.success(request, said.format(name=found.name))
    return go(request, reverse("schedule", args=[found.key]))


def _kept(request: HttpRequest, by: str, key: str) -> HttpResponse:
    """Keep what the form says, or give it back with the mistake at its field."""
    values = _typed(request, by)
    try:
        wanted = _wanted(values, key)
        act: Callable[[], Schedule] = lambda: (  # noqa: E731
            change_schedule(actor_of(request), key, wanted) if key else add_schedule(actor_of(request), wanted)
        )
        found = act()
    except PostroomError as error:
        field, said = _field(error), f"{error.message} {error.hint}".strip()
        errors = {field: said} if field else {}
        form = schedule_form.form_of(by, values, key=key, errors=errors, error="" if field else said)
        return show(request, "desk/schedule_form.html", form, error.status if error.status < 500 else 422)
    said = gettext("“{name}” is changed.") if key else gettext("“{name}” is set up.")
    return _done(request, found, said)


def _typed(request: HttpRequest, by: str) -> dict[str, Any]:
    prefix = "set-"
    typed = {name.removeprefix(prefix): asked.posted(request, name) for name in request.POST if name.startswith(prefix)}
    begun = dict.fromkeys(_EMPTY, "") | schedule_form.usual(by)
    return {**begun, **{name: typed[name] for name in typed if name in begun}, "goes_by": by}


def _wanted(values: dict[str, Any], key: str) -> Wanted:
    """Raises BadSchedule for what is no number or no time."""
    ready = dict(values) | {"hold": values.get("hold") == "true", "key": key}
    for name in _WHOLE:
        try:
            ready[name] = int(str(values[name]).strip() or 0)
        except ValueError as error:
            raise BadSchedule(
                f"{str(values[name])[:40]!r} is not a whole number.", hint="Write it in digits.", field=name
            ) from error
    try:
        ready["at_time"] = dt.time.fromisoformat(str(values["at_time"]).strip())
    except ValueError as error:
        raise BadSchedule(
            f"{str(values['at_time'])[:40]!r} is no time of day.", hint="Write it as 06:30.", field="at_time"
        ) from error
    return Wanted(**ready)


def _field(error: PostroomError) -> str:
    """The field a fault belongs to; "" when it belongs to none that is shown."""
    if isinstance(error, BadCron | BadZone | BadSchedule):
        field = str(error.context.get("field", ""))
        return {"goes_by": "", "key": "name"}.get(field, field)
    if isinstance(error, ScheduleTaken):
        return "name"
    if isinstance(error, UnknownTemplate):
        return "template_key"
    if isinstance(error, NoChannel):
        return "destination"
    return "mapping" if isinstance(error, MappingRefused) else ""
