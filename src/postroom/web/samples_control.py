"""Samples of what puts an operator in control: a run that is held, the check, a part, schedules, an alarm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from postroom.web import pages as p
from postroom.web.pages.alarms import AlarmRow
from postroom.web.pages.control import CheckCause, CheckSheet, Choice, PartPage, RunControl, WorkerRow
from postroom.web.pages.schedules import CauseRow, Coming, FiringRow, ScheduleForm, SchedulePage, ScheduleRow
from postroom.web.pages.schedules import SchedulesPage as Schedules
from postroom.web.pages.settings import Choice as Option
from postroom.web.pages.settings import ConfigField

_RUNS = p.Crumb(label="Runs", url="/runs/")
_SCHEDULES = p.Crumb(label="Schedules", url="/runs/schedules/")

HELD = RunControl(
    resume_url="/runs/1/release/", part_url="/runs/1/part/",
    said="Held since 19 Nov 2026 08:04. Nothing more is composed or sent.",
    why="The price list of the paper mill is not in yet.", pace="62 a second made, 18 a second sent",
    left="about 4 minutes left",
    workers=(
        WorkerRow(name="press-1, 4711", roles="compose, deliver", doing="composes chunk 12 of R-2026-0311",
                  since="for 3 s", here=True),
        WorkerRow(name="press-2, 808", roles="deliver", doing="waits for work", since="", idle=True),
    ),
)  # fmt: skip

GATE = RunControl(
    hold_url="/runs/1/hold/", part_url="/runs/1/part/", release_url="/runs/1/release/",
    release_label="Release 205 held",
    check=CheckSheet(
        facts=(
            p.Fact(label="Documents", value="205"), p.Fact(label="Pages", value="312, 1.5 each"),
            p.Fact(label="Longest", value="9 pages"),
            p.Fact(label="Together", value="SEK 1,204,318.00, the largest SEK 412,500.00"),
            p.Fact(label="Go out", value="141 by email, 64 by folder"),
            p.Fact(label="Recipients", value="188, 3 of them new"),
        ),
        findings=(
            "One document is about SEK 412,500.00; so far SEK 38,140.00 at most.",
            "31 % go by folder; usually 12 %.",
        ),
        causes=(CheckCause(text="A value that is not allowed", count=9, url="/runs/1/?cause=value"),),
        calm="", compared="Compared with R-2026-0298, R-2026-0285.", ready=True,
    ),
)  # fmt: skip

PART = PartPage(
    run="R-2026-0311", run_url="/runs/1/", url="/runs/1/part/",
    ways=(Choice(value="records", label="Places in the file", chosen=True),
          Choice(value="documents", label="Numbers of documents")),
    acts=(Choice(value="hold", label="Hold it: what has not left waits", chosen=True),
          Choice(value="cancel", label="Cancel it: what has not left never will")),
    destinations=(Choice(value="letters", label="letters"),), first="41", last="60",
)  # fmt: skip
PART_SEEN = replace(
    PART, sentence="What has not left of these is held. What is being sent ends.", button="Hold 20 records", mark="m",
    lines=(p.BulkLine(text="Records", count="20"), p.BulkLine(text="Deliveries: waiting", count="19"),
           p.BulkLine(text="Deliveries: sent", count="1")),
)  # fmt: skip
NO_PART = replace(PART, acts=(), first="", last="")

COMING = Coming(
    times=("Fri 20 Nov 2026 06:00", "Mon 23 Nov 2026 06:00", "Tue 24 Nov 2026 06:00", "Wed 25 Nov 2026 06:00",
           "Thu 26 Nov 2026 06:00 (05:00 in Europe/London)"),
    zone="Europe/Stockholm",
)  # fmt: skip
SCHEDULES = Schedules(
    crumbs=(_RUNS,), new_url="/runs/schedules/new/", late=True,
    rows=(
        ScheduleRow(url="/runs/schedules/morning/", name="Morning invoices", key="morning-invoices", template="Invoice",
                    by="clock", when="0 6 * * MON-FRI in Europe/Stockholm", next="Fri 20 Nov 2026 06:00", status="live",
                    last="R-2026-0310", last_url="/runs/2/"),
        ScheduleRow(url="/runs/schedules/reminders/", name="Reminders", key="reminders", template="Reminder",
                    by="document", when="14 days after due_on at 06:00 Europe/Stockholm, for each new “invoice”",
                    next="", status="paused", trouble="The folder in/ is not there."),
    ),
)  # fmt: skip
NO_SCHEDULES = replace(SCHEDULES, rows=(), late=False)
SCHEDULE = SchedulePage(
    crumbs=(_RUNS, _SCHEDULES), name="Morning invoices", status="live", coming=COMING,
    facts=(p.Fact(label="Template", value="Invoice"),
           p.Fact(label="Starts", value="0 6 * * MON-FRI in Europe/Stockholm"),
           p.Fact(label="Watched", value="in/invoices-*.csv", code=True)),
    fired=(FiringRow(due="Thu 19 Nov 2026 06:00", status="started", about="", runs=(("R-2026-0310", "/runs/2/"),)),
           FiringRow(due="Wed 18 Nov 2026 06:00", status="nothing", about="Nothing new was there.")),
    causes=(), edit_url="/e/", run_url="/r/", pause_url="/p/", remove_url="/x/",
    trouble="The folder in/ is not there. Make it, or change the schedule.", trouble_when="19 Nov 2026 06:00",
)  # fmt: skip
BY_DATE = replace(
    SCHEDULE, name="Reminders", by_cause=True, causes_count=1, trouble="", fired=(), pause_url="", resume_url="/p/",
    status="paused", coming=Coming(about="It is paused and starts nothing until it is resumed."),
    causes=(CauseRow(key="INV-2026-1187", status="planned", due="3 Dec 2026 06:00", by="web shop"),),
)  # fmt: skip
FORM = ScheduleForm(
    crumbs=(_RUNS, _SCHEDULES), url="/runs/schedules/new/", next_url="/runs/schedules/next/", by="clock",
    back_url="/runs/schedules/", coming=COMING,
    ways=(Option(value="?by=clock", label="By the clock", chosen=True),
          Option(value="?by=event", label="By an event")),
    what=(ConfigField(name="name", label="Name", shape="text", required=True),),
    when=(ConfigField(name="cron", label="Cron expression", shape="text", value="0 6 * * MON-FRI", required=True,
                      error="The cron expression has four fields; five are needed."),),
    records=(ConfigField(name="path", label="Folder or file", shape="text", value=".", required=True),),
)  # fmt: skip

ALARMS = (
    AlarmRow(
        told="Document 01a201d6 of invoice 13: comes out with other bytes (from byte 18204 on, page 2).",
        hint="Compare engine, fonts and template with those it was made with; then acknowledge this with the reason.",
        raised="19 Nov 2026 02:11", document_url="/documents/1/", form=p.ReasonForm(url="/settings/health/alarms/1/"),
    ),
)  # fmt: skip

#: Template, page and section, by the name of the sample.
CONTROL: dict[str, tuple[str, Any, p.Section]] = {
    "run-part": ("desk/run_part.html", PART, "runs"),
    "run-part-seen": ("desk/run_part.html", PART_SEEN, "runs"),
    "run-part-not": ("desk/run_part.html", NO_PART, "runs"),
    "schedules": ("desk/schedules.html", SCHEDULES, "runs"),
    "schedules-none": ("desk/schedules.html", NO_SCHEDULES, "runs"),
    "schedule": ("desk/schedule.html", SCHEDULE, "runs"),
    "schedule-by-date": ("desk/schedule.html", BY_DATE, "runs"),
    "schedule-form": ("desk/schedule_form.html", FORM, "runs"),
}
