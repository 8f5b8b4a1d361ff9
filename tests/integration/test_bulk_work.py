"""P4: work on many rows goes on without its page, and a kill at the worst moment makes no row act twice or never."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api_kit import World

#: The real worker; in this process each act of the third row is followed by a kill, before its commit.
_MORTAL = """
import os, signal
from postroom.project.boot import boot
boot()
from postroom.web import bulk
real, done = bulk._act, []
def act(*arguments):
    real(*arguments)
    done.append(1)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
bulk._act = act
from postroom.project.worker import work
raise SystemExit(work(["read", "sweep"]))
"""
_WORKER = "from postroom.cli.app import app; app(['worker', '--roles', 'read,sweep'])"


@contextmanager
def worker(program: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that is stopped by its handle."""
    with log.open("ab") as out:
        made = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={**os.environ, "POSTROOM_SWEEP_INTERVAL": "0.5"},
        )
    try:
        yield made
    finally:
        made.terminate()
        try:
            made.wait(30)
        except subprocess.TimeoutExpired:
            made.kill()
            made.wait()


def until(so: Callable[[], bool], seconds: float, log: Path) -> None:
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, f"not in {seconds} s\n{log.read_text()}"
        time.sleep(0.2)


def enough_deliveries(count: int) -> list[uuid.UUID]:
    """``count`` rows to act on: those there are, over and over. Each counts by itself."""
    from postroom.delivery.models import Delivery

    known = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    return (known * (count // len(known) + 1))[:count]


def sent_again() -> int:
    from postroom.ledger.models import Entry

    return Entry.objects.filter(act="document.resent").count()


def test_p4_a_kill_between_an_act_and_its_commit_is_made_good_by_the_next_worker(
    world: World, user_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from postroom.web import bulk
    from postroom.web.models import BulkWork

    rows, log = enough_deliveries(12), tmp_path / "worker.log"
    # given a work whose web process died right after it was asked for: nothing was done in the form
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    work = bulk.begin(user_of("operator"), "resend", rows, "Wrong address", "mark")
    assert (work.at, sent_again()) == (0, 0)
    # when a worker takes it, and is killed after it acted on the third row and before that was committed
    with worker(_MORTAL, log) as mortal:
        assert mortal.wait(60) == -signal.SIGKILL, log.read_text()
    work.refresh_from_db()
    assert (work.at, sent_again()) == (2, 2)
    # and another one starts
    with worker(_WORKER, log):
        until(lambda: BulkWork.objects.get(pk=work.pk).ended_at is not None, 90, log)
    # then each row was acted on once
    work.refresh_from_db()
    assert (work.at, work.refused, sent_again()) == (12, [], 12)
    from postroom.delivery.models import Delivery

    made = Delivery.objects.filter(explanation__why="Resend").values_list("communication_id", flat=True)
    meant = Delivery.objects.in_bulk(set(rows))
    assert Counter(made) == Counter(meant[row].communication_id for row in rows)


def test_the_wake_up_of_a_work_commits_with_it_or_not_at_all(world: World, user_of: Callable[[str], Any]) -> None:
    from django.db import transaction
    from procrastinate.contrib.django.models import ProcrastinateJob

    from postroom.web import bulk, wake
    from postroom.web.models import BulkWork

    jobs = ProcrastinateJob.objects.filter(queue_name=wake.QUEUE)
    operator = user_of("operator")
    # given a request that fails after the work was begun
    with pytest.raises(RuntimeError), transaction.atomic():
        bulk.begin(operator, "resend", enough_deliveries(12), "r", "m")
        raise RuntimeError
    # then there is neither
    assert (jobs.count(), BulkWork.objects.count()) == (0, 0)
    # when it does not fail, then ten rows are through with the form, and the rest waits with one wake-up
    work = bulk.begin(operator, "resend", enough_deliveries(12), "r", "m")
    assert (work.at, jobs.count()) == (10, 1)
    # and what is small needs none
    assert bulk.begin(operator, "resend", enough_deliveries(2), "r", "n").ended_at is not None
    assert jobs.count() == 1


def test_the_sweep_wakes_what_was_forgotten_and_nothing_else(world: World, user_of: Callable[[str], Any]) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from postroom.web import bulk, wake
    from postroom.web.models import BulkWork

    jobs = ProcrastinateJob.objects.filter(queue_name=wake.QUEUE)
    work = bulk.begin(user_of("operator"), "resend", enough_deliveries(12), "r", "m")
    # given a wake-up that still waits, then no second one is made
    BulkWork.objects.update(taken_at=work.taken_at - bulk.LOST_AFTER * 2)
    assert (bulk.wake_forgotten(), jobs.count()) == (0, 1)
    # when it is lost, then one is made, and after that none for a while
    jobs._raw_delete("default")
    assert (bulk.wake_forgotten(), jobs.count()) == (1, 1)
    jobs._raw_delete("default")
    assert bulk.wake_forgotten() == 0
    # and a work that ended is never woken
    bulk.take_a_turn(work.pk)
    BulkWork.objects.update(taken_at=work.taken_at - bulk.LOST_AFTER * 2)
    assert bulk.wake_forgotten() == 0


def test_planted_a_row_that_breaks_is_told_and_stops_no_other(
    world: World, user_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.web import bulk

    rows, real = enough_deliveries(3), bulk._act
    broken = iter([False, True, False])

    def act(*arguments: Any) -> None:
        if next(broken):
            raise ValueError("planted")
        real(*arguments)

    monkeypatch.setattr(bulk, "_act", act)
    work = bulk.begin(user_of("operator"), "resend", rows, "r", "m")
    assert (work.at, sent_again()) == (3, 2)
    assert work.refused == [[str(rows[1]), "ValueError: planted"]]
