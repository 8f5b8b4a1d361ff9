"""Schedules, and the events that start runs once per cause."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.idempotency import repeatable
from postroom.api.paging import Page, Paging, page
from postroom.production import exact_json
from postroom.schedules import queries
from postroom.schedules.actions.add_schedule import add_schedule
from postroom.schedules.actions.lapse_cause import lapse_cause
from postroom.schedules.actions.pause_schedule import pause_schedule
from postroom.schedules.actions.remove_schedule import remove_schedule
from postroom.schedules.actions.restore_schedule import restore_schedule
from postroom.schedules.actions.resume_schedule import resume_schedule
from postroom.schedules.actions.run_now import run_now
from postroom.schedules.actions.tell_event import tell_event
from postroom.schedules.models import Cause, Firing, Schedule
from postroom.schedules.wanted import Wanted

router = Router(tags=["Produce"])


class ScheduleIn(Schema):
    """What is to start, and by what. Fields of another way to start are left out."""

    name: str = Field(max_length=120)
    key: str = Field("", max_length=60, description="Follows from the name when it is left out.")
    goes_by: Literal["clock", "event", "document"] = "clock"
    cron: str = Field("", max_length=120, description="Five fields: minute, hour, day, month, day of the week.")
    time_zone: str = Field("UTC", max_length=60, description="IANA name, such as Europe/Berlin.")
    take: Literal["watch", "file"] = Field("watch", description="New files of a folder, or one file as it is.")
    path: str = Field("", max_length=500, description="Folder or file, below a folder that is open to schedules.")
    pattern: str = Field("*", max_length=120)
    which: Literal["newest", "every"] = "every"
    settle_seconds: int = Field(30, ge=0, le=86400)
    after: Literal["remember", "move"] = "remember"
    event: str = Field("", max_length=120, description="Name of the event, or kind of the documents.")
    date_field: str = Field("", max_length=120)
    offset_days: int = 0
    at_time: dt.time | None = None
    template: str = Field(max_length=60)
    mapping: str = Field("", max_length=1 << 20)
    destination: str = Field("", max_length=60)
    priority: int = Field(0, ge=0, le=99)
    hold: bool = Field(False, description="Compose, and send nothing until a person releases the run.")
    catch_up: Literal["newest", "each", "skip"] = Field("newest", description="What is done about missed times.")


class FiringOut(Schema):
    """What came of one due time."""

    due: dt.datetime
    state: str
    by_hand: bool
    missed: int
    runs: list[str]
    code: str
    told: str
    hint: str


class ScheduleOut(Schema):
    """A schedule and its state: in_use, paused or removed."""

    id: uuid.UUID
    key: str
    name: str
    goes_by: str
    cron: str
    time_zone: str
    take: str
    path: str
    pattern: str
    event: str
    date_field: str
    offset_days: int
    template: str
    destination: str
    hold: bool
    catch_up: str
    state: str
    next_due: dt.datetime | None
    trouble: str
    trouble_hint: str


class ScheduleDetail(ScheduleOut):
    """With its next due times, and what came of the last ones, newest first."""

    coming: list[dt.datetime]
    fired: list[FiringOut]


class EventIn(Schema):
    """Something happened. ``data`` is the record of the document to be made."""

    name: str = Field(max_length=120)
    cause: str = Field(max_length=200, description="What it is about; the same cause acts once.")
    data: dict[str, Any]
    due_on: dt.date | None = Field(None, description="The date it goes by; else the schedule's field of the data.")


class CauseOut(Schema):
    """A cause in one schedule: planned, started or cancelled."""

    schedule: str
    cause: str
    state: str
    due: dt.datetime
    run: str


class CausesOut(Schema):
    """The causes of one event, one for each schedule that waits for it."""

    causes: list[CauseOut]


@router.get("/schedules", auth=needs("schedule.view"), response=Page[ScheduleOut], operation_id="listSchedules")
def list_schedules(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Schedules in use or paused, by name."""
    return page(request, queries.schedules_visible_to(actor(request)), ("name", "id"), paging, schedule_out)


@router.post(
    "/schedules",
    auth=needs("schedule.manage", "run.start"),
    response={201: ScheduleDetail},
    operation_id="addSchedule",
)
def add(request: HttpRequest, response: HttpResponse, body: ScheduleIn) -> Status[dict[str, Any]]:
    """Sets up a schedule. One by documents looks at documents made from now on."""
    fields = body.dict()
    made = add_schedule(actor(request), Wanted(template_key=fields.pop("template"), **fields))
    response["Location"] = f"/api/v1/schedules/{made.key}"
    return Status(201, detail(made))


@router.get("/schedules/{schedule}", auth=needs("schedule.view"), response=ScheduleDetail, operation_id="getSchedule")
def one_schedule(request: HttpRequest, schedule: str) -> dict[str, Any]:
    """One schedule, its next five due times and the last ten."""
    return detail(queries.schedule(actor(request), schedule))


@router.post(
    "/schedules/{schedule}/pause", auth=needs("schedule.manage"), response=ScheduleDetail, operation_id="pauseSchedule"
)
def pause(request: HttpRequest, schedule: str) -> dict[str, Any]:
    """Starts nothing until it is resumed. Events go on being noted."""
    return detail(pause_schedule(actor(request), schedule))


@router.post(
    "/schedules/{schedule}/resume",
    auth=needs("schedule.manage"),
    response=ScheduleDetail,
    operation_id="resumeSchedule",
)
def resume(request: HttpRequest, schedule: str) -> dict[str, Any]:
    """Goes on. Times that passed meanwhile are left out; causes that came due are started."""
    return detail(resume_schedule(actor(request), schedule))


@router.post(
    "/schedules/{schedule}/run",
    auth=needs("schedule.manage", "run.start"),
    response=FiringOut,
    operation_id="runScheduleNow",
)
@repeatable
def run(request: HttpRequest, schedule: str) -> dict[str, Any]:
    """Starts now what it would start; its next due time stays. A file that was taken is not taken again."""
    return firing_out(run_now(actor(request), schedule))


@router.delete(
    "/schedules/{schedule}", auth=needs("schedule.manage"), response=ScheduleDetail, operation_id="removeSchedule"
)
def remove(request: HttpRequest, schedule: str) -> dict[str, Any]:
    """Takes it away. Its runs stay, and so does its key, by which it can be restored."""
    return detail(remove_schedule(actor(request), schedule))


@router.post(
    "/schedules/{schedule}/restore",
    auth=needs("schedule.manage"),
    response=ScheduleDetail,
    operation_id="restoreSchedule",
)
def restore(request: HttpRequest, schedule: str) -> dict[str, Any]:
    """Brings a removed schedule back, as it was."""
    return detail(restore_schedule(actor(request), schedule))


@router.post(
    "/events",
    auth=needs("event.tell"),
    tags=["Receive"],
    response={201: CausesOut, 200: CausesOut},
    operation_id="tellEvent",
)
@repeatable
def tell(request: HttpRequest, body: EventIn) -> Status[dict[str, Any]]:
    """Keeps the data and plans one document for each schedule that waits for the event.

    The same cause with the same data is status 200 and changes nothing; with other data it is refused. An event no
    schedule waits for is refused too, and nothing is kept.
    """
    data = exact_json.loads(request.body.decode())["data"]  # as it was sent: pydantic would make amounts floats
    told = tell_event(actor(request), name=body.name, cause=body.cause, data=data, due=body.due_on)
    return Status(200 if told.repeated else 201, {"causes": [cause_out(each) for each in told.causes]})


@router.delete(
    "/events/{path:cause}", auth=needs("event.tell"), tags=["Receive"], response=CausesOut, operation_id="lapseCause"
)
def lapse(request: HttpRequest, cause: str) -> dict[str, Any]:
    """The cause lapsed: what is planned because of it is cancelled. What was started stays, with its run."""
    return {"causes": [cause_out(each) for each in lapse_cause(actor(request), cause)]}


def schedule_out(row: Schedule) -> dict[str, Any]:
    same = (name for name in ScheduleOut.model_fields if name not in ("template", "state"))
    state = "removed" if row.removed_at else "paused" if row.paused_at else "in_use"
    return {**{name: getattr(row, name) for name in same}, "template": row.template_key, "state": state}


def detail(row: Schedule) -> dict[str, Any]:
    fired = [firing_out(each) for each in queries.firings_of(row)[:10]]
    return {**schedule_out(row), "coming": queries.coming(row), "fired": fired}


def firing_out(row: Firing) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FiringOut.model_fields}


def cause_out(row: Cause) -> dict[str, Any]:
    return {
        "schedule": row.schedule.key,
        "cause": row.key,
        "state": row.state,
        "due": row.due,
        "run": row.run_ref,
    }
