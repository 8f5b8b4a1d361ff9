"""What happens at a due time of a clock's schedule: files become runs, and the row that says so is written with them.

First the bytes are taken into custody (P1). Then all else is one transaction: the row of (schedule, due time), the
files taken, the runs, the next due time. A process that dies anywhere before that commit has started nothing, and
whoever comes second finds the row (docs/adr/0027).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.intake.actions.receive_parcel import digest_of, receive_parcel
from postroom.intake.models import Parcel
from postroom.intake.spec import UnreadableFile
from postroom.kernel import clock, failpoints
from postroom.kernel.errors import Damaged, PostroomError, Unavailable
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.production.actions.start_run import start_run
from postroom.production.models import Run
from postroom.schedules import timing
from postroom.schedules.models import (
    FAILED,
    FILE,
    MOVE,
    NEWEST,
    NOTHING,
    PASSED,
    REFUSED,
    SKIPPED,
    STARTED,
    TAKEN,
    WATCH,
    Firing,
    Schedule,
    TakenFile,
)
from postroom.schedules.places import placed
from postroom.schedules.watching import MOST, Found, Look, look, put_away

#: Who starts the runs. It may start runs and nothing else, whatever whoever set up the schedule may.
ACTOR = Actor("system:schedules", frozenset(), frozenset({"run.start"}))
_MOST_TOLD = 600


@dataclass(slots=True)
class Outcome:
    """What came of one due time."""

    state: str = NOTHING
    runs: list[str] = field(default_factory=list)
    code: str = ""
    told: str = ""
    hint: str = ""

    def started(self, run: Run) -> None:
        self.state = STARTED
        self.runs.append(run.ref)

    def refused(self, error: PostroomError) -> None:
        """The first fault is told; one good file makes it a start all the same."""
        if not self.told:
            self.code, self.told, self.hint = error.code, error.message, error.hint
        if self.state == NOTHING:
            self.state = FAILED


@dataclass(slots=True)
class Job:
    """A file about to become a run. ``parcel`` is its custody; ``error`` why it cannot be a run, its own fault."""

    path: Path
    run_key: str
    found: Found | None = None
    parcel: Parcel | None = None
    error: UnreadableFile | None = None


def fire(
    schedule: Schedule,
    due: dt.datetime,
    *,
    by: Actor = ACTOR,
    by_hand: bool = False,
    seen: Look | None = None,
    missed: int = 0,
) -> Firing | None:
    """Start what is due, and move the schedule on; the row of the due time. None when somebody else did it, or
    paused it, meanwhile. Outside a transaction, in the schedule's turn.

    ``missed`` due times before this one are told as left out. Raises Unavailable and Damaged, with which nothing is
    started and the due time stays: it is tried again.
    """
    outcome = Outcome()
    jobs: list[Job] = []
    try:
        jobs = _jobs(schedule, due, seen)
        for job in jobs:
            _take(job)
    except (Unavailable, Damaged):
        raise
    except PostroomError as error:
        outcome.refused(error)
    with transaction.atomic():
        if not by_hand and not still_due(schedule):
            return None
        if missed and schedule.next_due is not None:
            skip(schedule, schedule.next_due, missed)
        for job in jobs if not outcome.told else ():
            _start(schedule, job, outcome)
        _forget_older(schedule, jobs, seen)
        made = note(schedule, due, outcome, by=by, by_hand=by_hand)
        if not by_hand:
            schedule.next_due = timing.next_due(schedule.cron, schedule.time_zone, due)
            schedule.save(update_fields=["next_due"])
        away = [*(seen.left if seen else ()), *(job.path for job in jobs if job.found and not job.error)]
        if schedule.after == MOVE and schedule.take == WATCH and away:
            transaction.on_commit(lambda: _put_away(away), robust=True)
    return made


def still_due(schedule: Schedule) -> bool:
    """Lock its row, and say whether it is as it was when it was looked at."""
    rows = Schedule.objects.select_for_update().filter(pk=schedule.pk, paused_at=None, removed_at=None)
    return rows.filter(next_due=schedule.next_due).exists()


def skip(schedule: Schedule, first: dt.datetime, missed: int) -> None:
    """Tell of due times that passed while nobody was here. In a transaction."""
    _, made = Firing.objects.get_or_create(
        schedule=schedule,
        due=first,
        defaults={"id": new_id(), "state": SKIPPED, "missed": missed, "at": clock.now()},
    )
    if made:
        append(ACTOR.name, [Act("schedule.missed", "schedule", schedule.pk, {"missed": missed})])


def note(schedule: Schedule, due: dt.datetime, outcome: Outcome, *, by: Actor, by_hand: bool = False) -> Firing:
    """Write the row of a due time, and what is in the way onto the schedule. Ends with the ledger."""
    if outcome.state == NOTHING:  # of these the newest is enough: a folder may be looked into every minute
        schedule.firings.filter(state=NOTHING).delete()
    made = Firing.objects.create(
        id=new_id(),
        schedule=schedule,
        due=due,
        state=outcome.state,
        by_hand=by_hand,
        runs=outcome.runs,
        code=outcome.code,
        told=outcome.told[:_MOST_TOLD],
        hint=outcome.hint[:_MOST_TOLD],
        at=clock.now(),
    )
    schedule.trouble, schedule.trouble_hint = made.told, made.hint
    schedule.trouble_at = made.at if made.told else None
    schedule.save(update_fields=["trouble", "trouble_hint", "trouble_at"])
    failpoints.reach("schedule-noted")
    if outcome.state != NOTHING:
        facts = {"state": outcome.state, "runs": len(outcome.runs), "by_hand": by_hand, "code": outcome.code}
        append(by.name, [Act("schedule.fired", "schedule", schedule.pk, facts)])
    transaction.on_commit(lambda: failpoints.reach("schedule-committed"), robust=True)
    return made


def trouble(schedule: Schedule, error: PostroomError) -> None:
    """Say on the schedule what is in the way."""
    schedule.trouble, schedule.trouble_hint = error.message[:_MOST_TOLD], error.hint[:_MOST_TOLD]
    schedule.trouble_at = clock.now()
    schedule.save(update_fields=["trouble", "trouble_hint", "trouble_at"])


def custody(path: Path, name: str, digest: bytes) -> Parcel:
    """The bytes as a parcel of their own; the one of a process that died before it could use it is used instead.

    Raises UnreadableFile (empty), DiskFull.
    """
    left = Parcel.objects.filter(sha256=digest, name=name[:300], received_by=ACTOR.name)
    for parcel in left.order_by("-received_at")[:3]:
        if not Run.objects.filter(parcel=parcel).exists():
            return parcel
    with path.open("rb") as content:
        return receive_parcel(ACTOR, content, name=name)


def begin(schedule: Schedule, path: Path, run_key: str, parcel: Parcel) -> Run:
    """One run of this schedule, on a savepoint of its own in the transaction that notes why."""
    with transaction.atomic():
        return start_run(
            ACTOR,
            template=schedule.template_key,
            path=path,
            name=parcel.name,
            mapping=schedule.mapping,
            run_key=run_key,
            destination=schedule.destination,
            gate=schedule.hold,
            priority=schedule.priority,
            parcel=parcel,
        ).run


def key_of(schedule: Schedule, due: dt.datetime) -> str:
    """The run key of a due time: the same time of the same schedule is the same run."""
    return f"schedule:{schedule.pk}:{due.astimezone(dt.UTC).isoformat()}"


def _jobs(schedule: Schedule, due: dt.datetime, seen: Look | None) -> list[Job]:
    """The files this due time is about."""
    if schedule.take == FILE:
        return [Job(placed(schedule.path), key_of(schedule, due))]
    if seen is None:
        seen = look(schedule)
    ready = seen.ready[-1:] if schedule.which == NEWEST else seen.ready
    once = {found.sha256: found for found in reversed(ready)}  # a file that lies there twice is one file
    return [
        Job(found.path, f"{key_of(schedule, due)}:{digest.hex()[:16]}", found)
        for digest, found in reversed(once.items())
    ][:MOST]


def _take(job: Job) -> None:
    """Take a file into custody. A fault of the file is kept for the row that tells it; others are raised."""
    try:
        digest = digest_of(job.path)
        if job.found is not None and digest != job.found.sha256:
            raise Unavailable(
                f"The file {job.path.name} changed while it was taken.", hint="It is tried again once it has settled."
            )
        job.parcel = custody(job.path, job.path.name, digest)
    except OSError as error:
        raise UnreadableFile(
            f"The file {job.path} cannot be read: {error.strerror}.",
            hint="Put it there, or let Postroom's account read it; then run the schedule now.",
        ) from error
    except UnreadableFile as error:
        if job.found is None:
            raise
        job.error = error


def _start(schedule: Schedule, job: Job, outcome: Outcome) -> None:
    """A run of one file, or why there is none."""
    try:
        if job.error is not None or job.parcel is None:
            raise job.error or UnreadableFile(f"{job.path.name} is not there.", hint="Put it there again.")
        run = begin(schedule, job.path, job.run_key, job.parcel)
    except (Unavailable, Damaged):
        raise
    except UnreadableFile as error:  # its own fault: noted, so that it is told once and not at every due time
        job.error = error
        outcome.refused(error)
        if job.found is not None:
            _remember(schedule, job.found, REFUSED)
        return
    except PostroomError as error:  # a fault of the schedule: the file waits for it to be put right
        outcome.refused(error)
        return
    outcome.started(run)
    if job.found is not None:
        _remember(schedule, job.found, TAKEN, run)


def _forget_older(schedule: Schedule, jobs: list[Job], seen: Look | None) -> None:
    """Where only the newest file counts, the older ones have had their turn."""
    if schedule.which == NEWEST and seen is not None and jobs and schedule.take == WATCH:
        for older in seen.ready[:-1]:
            _remember(schedule, older, PASSED)


def _remember(schedule: Schedule, found: Found, state: str, run: Run | None = None) -> None:
    TakenFile.objects.update_or_create(
        schedule=schedule,
        sha256=found.sha256,
        defaults={
            "name": found.path.name[:300],
            "size": found.size,
            "modified_ns": found.modified_ns,
            "state": state,
            "run_id": run.pk if run else None,
            "at": clock.now(),
        },
    )


def _put_away(paths: list[Path]) -> None:
    """After the commit: a file that is still there is known by its bytes and put away at the next due time."""
    for path in paths:
        put_away(path)
