"""Runs that start by themselves: once per due time and cause, through crashes, changes of clocks and several houses."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_kit import Program, carry_through, records, sample
from kit.runs import write

UTC = dt.UTC
EARLY = dt.datetime(2026, 11, 2, 5, 0, tzinfo=UTC)


class Clock:
    """What time it is, for everything that asks ``kernel.clock`` in this process and its children."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.at(EARLY)

    def at(self, moment: dt.datetime) -> dt.datetime:
        self.now = moment
        self.monkeypatch.setenv("POSTROOM_CLOCK", moment.isoformat())
        return moment

    def on(self, **ahead: float) -> dt.datetime:
        return self.at(self.now + dt.timedelta(**ahead))


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def inbox(db: str) -> Path:
    from postroom.schedules.places import roots

    return roots()[0]


def put(folder: Path, items: list[Any], name: str, age: float = 3600) -> Path:
    """A file of records that was last written ``age`` seconds ago, on the clock of the test."""
    from postroom.kernel import clock

    path = write(folder, items, name)
    at = clock.now().timestamp() - age
    os.utime(path, (at, at))
    return path


def add(**settings: Any) -> Any:
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.actions.add_schedule import add_schedule
    from postroom.schedules.wanted import Wanted

    usual: dict[str, Any] = {"name": "Morning invoices", "cron": "0 6 * * *", "path": ".", "template_key": "invoice"}
    return add_schedule(SYSTEM, Wanted(**(usual | settings)))


def by_event(**settings: Any) -> Any:
    return add(name="Reminders", cron="", goes_by="event", event="invoice.unpaid", **settings)


def sweep() -> int:
    from postroom.schedules.sweep import sweep_schedules

    return sweep_schedules()


def runs() -> list[Any]:
    from postroom.production.models import Run

    return list(Run.objects.select_related("parcel").order_by("started_at", "ref"))


def firings(schedule: Any) -> list[Any]:
    return list(schedule.firings.order_by("due"))


def tell(cause: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.actions.tell_event import tell_event

    return tell_event(SYSTEM, name="invoice.unpaid", cause=cause, data=data or sample("invoice", number=cause), **more)


def lapse(program: Program, cause: str) -> Any:
    headers = {"Authorization": f"Bearer {program.secret}"}
    return program.client.delete(f"/api/v1/events/{cause}", headers=headers)


# --- by the clock --------------------------------------------------------------------------------------------------


def test_new_settled_files_are_run_at_the_due_time_and_never_again(
    starters: list[str], inbox: Path, watch: Clock
) -> None:
    # given a schedule that watches the inbox, two files, and one that is no use
    schedule = add(pattern="*.jsonl")
    put(inbox, records(2), "a.jsonl")
    put(inbox, records(3), "b.jsonl")
    put(inbox, records(1), "c.csv.tmp")
    assert sweep() == 0
    # when six o'clock has come
    watch.on(hours=1, seconds=5)
    sweep()
    # then each file is a run, the next time is tomorrow's, and the files were not touched
    assert [run.parcel.name for run in runs()] == ["a.jsonl", "b.jsonl"]
    schedule.refresh_from_db()
    assert schedule.next_due == dt.datetime(2026, 11, 3, 6, tzinfo=UTC)
    assert [(each.state, len(each.runs)) for each in firings(schedule)] == [("started", 2)]
    assert (inbox / "a.jsonl").exists()
    # when the next days come, and a file appears under another name, then its bytes are known and nothing is started
    put(inbox, records(2), "again.jsonl")
    watch.on(days=1)
    sweep()
    watch.on(days=1)
    sweep()
    assert len(runs()) == 2
    assert [each.state for each in firings(schedule)] == ["started", "nothing"]
    # and the runs go their way as any other
    carry_through(runs()[0].pk)


def test_a_file_still_being_written_is_waited_for_and_a_taken_one_is_put_away(
    starters: list[str], inbox: Path, watch: Clock
) -> None:
    schedule = add(after="move", settle_seconds=60)
    watch.on(hours=1, seconds=5)
    growing = put(inbox, records(2), "growing.jsonl", age=10)
    # when it is due while somebody writes, then nothing happens yet
    assert sweep() == 0 and runs() == []
    # when the file has settled
    watch.on(seconds=70)
    sweep()
    # then it is run, and put away; a second one of its name is put beside it
    assert len(runs()) == 1 and not growing.exists()
    put(inbox, records(3), "growing.jsonl")
    watch.on(days=1)
    sweep()
    assert sorted(each.name for each in (inbox / "done").iterdir()) == ["growing-2.jsonl", "growing.jsonl"]
    schedule.refresh_from_db()
    assert schedule.trouble == ""


def test_only_the_newest_file_is_taken_where_that_is_wanted(starters: list[str], inbox: Path, watch: Clock) -> None:
    add(which="newest")
    put(inbox, records(1), "old.jsonl", age=9000)
    put(inbox, records(2), "new.jsonl", age=8000)
    watch.on(hours=1)
    sweep()
    watch.on(days=1)
    sweep()
    assert [run.parcel.name for run in runs()] == ["new.jsonl"]


def test_a_fixed_file_is_run_each_time_as_it_is_and_its_absence_is_told(
    starters: list[str], inbox: Path, watch: Clock
) -> None:
    schedule = add(take="file", path="always.jsonl")
    put(inbox, records(1), "always.jsonl")
    for _ in range(2):
        watch.on(days=1, hours=1)
        sweep()
    # then equal bytes are two runs: the run key follows from the due time
    assert [run.run_key.rpartition(":schedule")[0] for run in runs()] == ["", ""]
    assert len({run.run_key for run in runs()}) == 2
    # when it is gone, then the time is told as failed, with what to do
    (inbox / "always.jsonl").unlink()
    watch.on(days=1)
    sweep()
    schedule.refresh_from_db()
    assert firings(schedule)[-1].state == "failed"
    assert "always.jsonl" in schedule.trouble and "run the schedule now" in schedule.trouble_hint


def test_a_bad_file_is_told_once_and_stops_no_other(starters: list[str], inbox: Path, watch: Clock) -> None:
    schedule = add()
    put(inbox, records(1), "good.jsonl")
    put(inbox, [], "empty.csv")
    watch.on(hours=1)
    sweep()
    first = firings(schedule)[0]
    assert (first.state, len(first.runs), "empty" in first.told) == ("started", 1, True)
    watch.on(days=1)
    sweep()
    assert firings(schedule)[-1].state == "nothing"


def test_a_template_that_is_gone_is_told_and_the_file_waits(starters: list[str], inbox: Path, watch: Clock) -> None:
    from postroom.schedules.models import Schedule

    schedule = add()
    Schedule.objects.update(template_key="gone")
    put(inbox, records(1), "a.jsonl")
    watch.on(hours=1)
    sweep()
    schedule.refresh_from_db()
    assert "gone" in schedule.trouble and firings(schedule)[0].state == "failed"
    Schedule.objects.update(template_key="invoice")
    watch.on(days=1)
    sweep()
    assert len(runs()) == 1


@pytest.mark.parametrize(
    ("policy", "states", "started"),
    [
        ("newest", [("skipped", 3), ("started", 0)], 1),
        ("each", [("started", 0)] * 4, 4),
        ("skip", [("skipped", 4)], 0),
    ],
)
def test_times_missed_while_the_house_was_closed_are_told_and_caught_up(
    starters: list[str], inbox: Path, watch: Clock, policy: str, states: list[tuple[str, int]], started: int
) -> None:
    schedule = add(take="file", path="a.jsonl", catch_up=policy)
    put(inbox, records(1), "a.jsonl")
    # when nobody was here for four mornings
    watch.on(days=3, hours=5)
    sweep()
    sweep()
    assert [(each.state, each.missed) for each in firings(schedule)] == states
    assert len(runs()) == started
    schedule.refresh_from_db()
    assert schedule.next_due == dt.datetime(2026, 11, 6, 6, tzinfo=UTC)


def test_a_clock_set_back_an_hour_fires_nothing_twice(starters: list[str], inbox: Path, watch: Clock) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.actions.pause_schedule import pause_schedule
    from postroom.schedules.actions.resume_schedule import resume_schedule

    schedule = add(take="file", path="a.jsonl", cron="*/10 * * * *")
    put(inbox, records(1), "a.jsonl")
    watch.on(minutes=10)
    sweep()
    assert len(runs()) == 1
    # when the clock goes back, whether or not somebody pauses and resumes meanwhile
    watch.on(hours=-1)
    sweep()
    pause_schedule(SYSTEM, schedule.key)
    resume_schedule(SYSTEM, schedule.key)
    for _ in range(7):
        sweep()
        watch.on(minutes=10)
    # then it starts again only when its own time is over
    assert len(runs()) == 1
    sweep()
    assert len(runs()) == 2


def test_paused_times_are_left_out_and_a_removal_is_undone(starters: list[str], inbox: Path, watch: Clock) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.schedules import queries
    from postroom.schedules.actions.pause_schedule import pause_schedule
    from postroom.schedules.actions.remove_schedule import remove_schedule
    from postroom.schedules.actions.restore_schedule import restore_schedule
    from postroom.schedules.actions.resume_schedule import resume_schedule
    from postroom.schedules.errors import NoSchedule, ScheduleTaken

    schedule = add()
    put(inbox, records(1), "a.jsonl")
    pause_schedule(SYSTEM, schedule.key)
    watch.on(days=2)
    sweep()
    resume_schedule(SYSTEM, schedule.key)
    sweep()
    assert runs() == []
    remove_schedule(SYSTEM, schedule.key)
    with pytest.raises(NoSchedule):
        queries.schedule(SYSTEM, schedule.key)
    with pytest.raises(ScheduleTaken):
        add()
    watch.on(days=2)
    sweep()
    restore_schedule(SYSTEM, schedule.key)
    sweep()
    assert runs() == []
    watch.on(days=1)
    sweep()
    assert len(runs()) == 1


def test_a_file_outside_the_open_folders_is_never_read(starters: list[str], inbox: Path, tmp_path: Path) -> None:
    from postroom.schedules.errors import BadSchedule

    for path in ("/etc/passwd", "../../etc", str(tmp_path)):
        with pytest.raises(BadSchedule, match="not below"):
            add(take="file", path=path)
    # and a link that leads out of them is no file of the folder
    outside = put(tmp_path, records(1), "outside.jsonl")
    (inbox / "link.jsonl").symlink_to(outside)
    from postroom.schedules.watching import look

    assert look(add()).ready == ()
    (inbox / "way-out").symlink_to(tmp_path)
    with pytest.raises(BadSchedule, match="not below"):
        add(name="Other", path="way-out")


# --- once, whatever happens ----------------------------------------------------------------------------------------


def test_p3_six_supervisors_start_a_due_time_once(starters: list[str], inbox: Path, watch: Clock) -> None:
    from django.db import connection

    schedule = add(take="file", path="a.jsonl")
    by_event()
    put(inbox, records(1), "a.jsonl")
    tell("INV-1")
    watch.on(hours=1)
    gate, faults = threading.Barrier(6), []

    def look() -> None:
        try:
            gate.wait(10)
            for _ in range(3):
                sweep()
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == [] and len(runs()) == 2 and len(firings(schedule)) == 1


_SWEEP = """
import django; django.setup()
from postroom.schedules.sweep import sweep_schedules
sweep_schedules()
"""
_TELL = """
import django; django.setup()
from postroom.identity.actor import SYSTEM
from postroom.schedules.actions.tell_event import tell_event
tell_event(SYSTEM, name="invoice.unpaid", cause="INV-1", data={"number": "INV-1"})
"""


def child(code: str, failpoint: str = "") -> int:
    """A process that does ``code`` and is killed at ``failpoint``. Its exit code."""
    environment = {**os.environ, "POSTROOM_FAILPOINT": failpoint} if failpoint else dict(os.environ)
    return subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=False).returncode


@pytest.mark.parametrize(
    "place", ["after-append", "after-append:2", "after-fsync", "after-fsync:2", "schedule-noted", "schedule-committed"]
)
def test_p3_a_sweep_killed_between_any_two_steps_loses_nothing_and_starts_nothing_twice(
    starters: list[str], inbox: Path, watch: Clock, place: str
) -> None:
    from postroom.production.models import Run
    from postroom.schedules.models import Cause

    # given a file that is due, and two causes
    schedule = add(after="move")
    by_event()
    put(inbox, records(2), "a.jsonl")
    tell("INV-1")
    tell("INV-2")
    watch.on(hours=1, seconds=5)
    # when the process that starts them is killed, and others look again
    assert child(_SWEEP, place) == -signal.SIGKILL
    assert child(_SWEEP) == 0
    assert child(_SWEEP) == 0
    watch.on(days=1)
    sweep()
    # then there is one run of the file and one of the causes, each due time is noted once, and the file is put away
    assert Run.objects.count() == 2
    assert [each.state for each in firings(schedule)][:1] == ["started"]
    assert sorted(Cause.objects.values_list("state", flat=True)) == ["started", "started"]
    assert not (inbox / "a.jsonl").exists() and (inbox / "done" / "a.jsonl").exists()


@pytest.mark.parametrize("place", ["after-append", "after-fsync", "event-kept"])
def test_p1_an_event_told_to_a_process_that_is_killed_is_told_again_and_kept_once(
    starters: list[str], watch: Clock, place: str
) -> None:
    from postroom.schedules.models import Cause

    by_event()
    assert child(_TELL, place) == -signal.SIGKILL
    assert Cause.objects.count() == 0
    assert child(_TELL) == 0 and child(_TELL) == 0
    assert Cause.objects.count() == 1


def test_p3_planted_without_the_row_of_the_due_time_it_would_start_twice(
    starters: list[str], inbox: Path, watch: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import IntegrityError

    from postroom.schedules.firing import fire
    from postroom.schedules.models import Schedule

    # given a due time that has fired, and a process that does not see that it has
    schedule = add(take="file", path="a.jsonl")
    put(inbox, records(1), "a.jsonl")
    due = schedule.next_due
    watch.on(hours=1)
    sweep()
    # then the database refuses the second row, and with it the run
    Schedule.objects.update(next_due=due)
    with pytest.raises(IntegrityError, match="schedule_fires_once"):
        fire(Schedule.objects.get(), due)
    assert len(runs()) == 1


# --- by events and dates -------------------------------------------------------------------------------------------


def test_p1_causes_that_are_due_make_one_run_of_the_data_they_were_told_with(starters: list[str], watch: Clock) -> None:
    from postroom.intake.queries import parcel_file

    # given reminders fourteen days after the due date of the data, at six in Vienna
    schedule = by_event(date_field="terms.due_on", offset_days=14, time_zone="Europe/Vienna")
    for number, day in (("INV-1", "2026-11-02"), ("INV-2", "2026-11-02"), ("INV-3", "2026-11-20")):
        tell(number, sample("invoice", number=number) | {"terms": {"due_on": day}})
    assert sorted({each.due for each in schedule.causes.all()}) == [
        dt.datetime(2026, 11, 16, 5, tzinfo=UTC),
        dt.datetime(2026, 12, 4, 5, tzinfo=UTC),
    ]
    # when the first day comes, then those two are one run, of exactly the data that was told
    watch.at(dt.datetime(2026, 11, 16, 5, 0, 1, tzinfo=UTC))
    sweep()
    sweep()
    [run] = runs()
    lines = [json.loads(line) for line in parcel_file(run.parcel).read_text("utf-8").splitlines()]
    assert [line["number"] for line in lines] == ["INV-1", "INV-2"]
    assert list(schedule.causes.order_by("key").values_list("state", flat=True)) == ["started", "started", "planned"]


def test_an_exact_amount_stays_exact(starters: list[str], watch: Clock, program_of: Callable[..., Program]) -> None:
    from postroom.schedules.gathering import data_of
    from postroom.schedules.models import Cause

    by_event()
    body = '{"name": "invoice.unpaid", "cause": "X", "data": {"amount": 12.50, "note": "\\u0000 Grüße"}}'
    assert program_of("operator").post("/events", body).status_code == 201
    assert data_of(Cause.objects.get()) == r'{"amount":12.50,"note":"\ufffd Grüße"}'


def test_a_cause_is_once_and_lapses(starters: list[str], watch: Clock, program_of: Callable[..., Program]) -> None:
    by_event(offset_days=7)
    program = program_of("operator", scopes=["event.tell"])
    told = {"name": "invoice.unpaid", "cause": "2026/17", "data": sample("invoice"), "due_on": "2026-11-10"}
    # when it is told, and told again, and told with other data
    first, again = program.post("/events", told), program.post("/events", told)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["causes"][0]["due"] == "2026-11-17T06:00:00Z"
    assert program.post("/events", told | {"data": {"number": "other"}}).json()["code"] == "cause-taken"
    # when it lapses, twice
    for _ in range(2):
        answer = lapse(program, "2026%2F17")
        assert answer.status_code == 200 and answer.json()["causes"][0]["state"] == "cancelled", answer.json()
    # then nothing is made of it, and telling it again does not bring it back
    assert program.post("/events", told).status_code == 200
    watch.on(days=60)
    sweep()
    assert runs() == []
    assert lapse(program, "never").json()["code"] == "unknown-cause"
    # and this program may do nothing else
    assert program.get("/schedules").status_code in (403, 404)


def test_an_event_nobody_waits_for_is_refused(starters: list[str], watch: Clock) -> None:
    from postroom.schedules.errors import BadEvent, NobodyWaits

    with pytest.raises(NobodyWaits, match=r"invoice\.unpaid"):
        tell("INV-1")
    by_event(date_field="terms.due_on")
    with pytest.raises(BadEvent, match="no date in"):
        tell("INV-1", {"terms": {"due": "2026-11-10"}})
    with pytest.raises(BadEvent, match="is no date"):
        tell("INV-1", {"terms": {"due_on": "10.11.2026"}})


def test_documents_whose_date_comes_start_a_run_unless_they_were_paid(
    starters: list[str], inbox: Path, watch: Clock
) -> None:
    from kit.runs import through
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.actions.lapse_cause import lapse_cause

    # given a rule for invoices made from now on: fourteen days after their due date
    schedule = add(name="Unpaid", cron="", goes_by="document", event="invoice", date_field="due_on", offset_days=14)
    made = [each | {"due_on": "2026-11-20"} for each in records(3)]
    watch.on(minutes=1)
    through(write(inbox, made))
    watch.on(minutes=1)
    sweep()
    assert list(schedule.causes.order_by("key").values_list("key", flat=True)) == ["T-0001", "T-0002", "T-0003"]
    # when one is paid
    lapse_cause(SYSTEM, "T-0002")
    watch.at(dt.datetime(2026, 12, 4, 6, 1, tzinfo=UTC))
    sweep()
    sweep()
    # then the others are one run, and it starts no reminder of its own documents
    assert len(runs()) == 2 and list(schedule.causes.order_by("key").values_list("state", flat=True)) == [
        "started",
        "cancelled",
        "started",
    ]


def test_what_cannot_be_started_stays_planned_and_is_told(starters: list[str], watch: Clock) -> None:
    from postroom.schedules.models import Schedule

    schedule = by_event()
    tell("INV-1")
    Schedule.objects.update(template_key="gone")
    sweep()
    schedule.refresh_from_db()
    assert "gone" in schedule.trouble and schedule.causes.get().state == "planned"
    Schedule.objects.update(template_key="invoice")
    sweep()
    schedule.refresh_from_db()
    assert len(runs()) == 1 and schedule.trouble == ""
