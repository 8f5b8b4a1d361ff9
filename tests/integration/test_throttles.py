"""A destination's rate and the number of letters under way at once: kept by all workers together, whatever happens."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from kit.backlog import backlog, destination

RUN = uuid.UUID(int=0xA << 96)


def _claim(key: str, worker: int = 7) -> Any:
    from postroom.delivery.claiming import claim

    return claim(key, worker)


def _in_threads(workers: int, job: Callable[[int], list[Any]]) -> list[Any]:
    def alone(number: int) -> list[Any]:
        try:
            return job(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return [one for found in pool.map(alone, range(workers)) for one in found]


def _until(seconds: float, key: str) -> Callable[[int], list[Any]]:
    def job(number: int) -> list[Any]:
        end, found = time.monotonic() + seconds, []
        while time.monotonic() < end:
            one = _claim(key, number + 1)
            if one is not None:
                found.append((time.monotonic(), one.pk))
        return found

    return job


def _too_fast(taken: list[float], rate: float, burst: int) -> list[str]:
    """The gate: in no stretch of time more than the burst and what the rate gives."""
    told = []
    for first, began in enumerate(taken):
        for last in range(first, len(taken)):
            allowed = burst + (taken[last] - began) * rate + 1
            if last - first + 1 > allowed:
                told.append(f"{last - first + 1} within {taken[last] - began:.2f} s")
    return told


def test_p4_many_workers_keep_one_rate(db: str) -> None:
    # given ten letters a second, three at once, and four workers that want them all
    key = destination("relay", rate="10/second", burst=3)
    backlog(key, 200, run=RUN)
    taken = sorted(_in_threads(4, _until(2.0, key)))
    # then no letter was taken twice, the rate is kept, and it is used
    assert len({pk for _, pk in taken}) == len(taken)
    assert _too_fast([at for at, _ in taken], 10, 3) == []
    assert 18 <= len(taken) <= 3 + 10 * 3 + 1


def test_planted_a_faster_destination_is_noticed(db: str) -> None:
    key = destination("relay", rate="100/second", burst=3)
    backlog(key, 200, run=RUN)
    taken = sorted(_in_threads(2, _until(1.0, key)))
    assert _too_fast([at for at, _ in taken], 10, 3) != []


def _bucket(key: str, **changes: Any) -> None:
    from postroom.delivery.models import Bucket

    Bucket.objects.filter(pk=key).update(**changes)


def test_p4_a_restart_and_a_clock_that_jumps_give_nothing_away(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    from postroom.delivery import claiming
    from postroom.delivery.models import Bucket

    monkeypatch.setattr(claiming, "_PATIENCE", 0.0)
    # given two a minute, and both taken
    key = destination("relay", rate="2/minute", burst=2)
    backlog(key, 20, run=RUN)
    assert [_claim(key) is not None for _ in range(3)] == [True, True, False]
    # when the workers start again, then the bucket is as empty as before
    connection.close()
    assert _claim(key) is None
    # when the clock jumps back an hour, then nobody has to wait for an hour
    _bucket(key, at=timezone.now() + dt.timedelta(hours=1))
    assert _claim(key) is None
    assert Bucket.objects.get(pk=key).at <= timezone.now()
    # and when it jumps ahead, then the bucket is full, not fuller
    _bucket(key, at=timezone.now() - dt.timedelta(days=1))
    assert [_claim(key) is not None for _ in range(3)] == [True, True, False]


def test_p4_a_throttled_destination_leaves_one_wake_up_and_the_worker_serves_others(db: str) -> None:
    from postroom.delivery.wake import queue_of

    # given one letter a minute, and another destination without a limit
    slow, free = destination("slow", rate="1/minute"), destination("free")
    backlog(slow, 50, run=RUN)
    backlog(free, 50, run=RUN)
    assert _claim(slow) is not None
    # when workers come again and again
    began = time.monotonic()
    assert [_claim(slow) for _ in range(5)] == [None] * 5
    # then none waits there, and one wake-up is left for the moment of the next letter
    assert time.monotonic() - began < 1.0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs WHERE queue_name = %s",
            (queue_of("null"),),
        )
        waits = [float(row[0]) for row in cursor.fetchall()]
    assert len(waits) == 1
    assert 50 < waits[0] < 60
    assert _claim(free) is not None


def test_p4_a_destination_without_letters_leaves_no_wake_up_and_spends_nothing(db: str) -> None:
    from postroom.delivery.models import Bucket

    key = destination("relay", rate="1/minute")
    assert [_claim(key) for _ in range(3)] == [None] * 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone()[0] == 0
    assert Bucket.objects.get(pk=key).tokens == pytest.approx(1.0)


def test_p4_no_more_letters_are_under_way_than_a_destination_takes(db: str) -> None:
    from postroom.delivery.models import Delivery

    # given a receiver that takes three connections, and eight workers that begin at the same moment
    key = destination("relay", parallel=3)
    backlog(key, 40, run=RUN)
    gate = threading.Barrier(8)

    def begin(number: int) -> list[Any]:
        gate.wait()
        return [_claim(key, number + 1) for _ in range(3)]

    found = [one for one in _in_threads(8, begin) if one is not None]
    # then three are under way, and a fourth when one has ended
    assert len(found) == 3
    assert Delivery.objects.filter(state="sending").count() == 3
    assert _claim(key) is None
    Delivery.objects.filter(pk=found[0].pk).update(state="delivered", worker_lock=None)
    assert _claim(key) is not None
    assert _claim(key) is None
    # and one that only waits to be asked about is not under way any more
    Delivery.objects.filter(pk=found[1].pk).update(worker_lock=None)
    assert _claim(key) is not None


def test_p4_a_rate_and_a_number_at_once_are_kept_together(db: str) -> None:
    key = destination("relay", rate="100/second", burst=50, parallel=2)
    backlog(key, 40, run=RUN)
    assert len([one for one in _in_threads(4, lambda n: [_claim(key, n + 1)]) if one is not None]) == 2


@pytest.mark.parametrize("rate", ["ten", "0/minute", "10/week", "-1/second", "1.5/second", "10 / minute"])
def test_a_rate_that_means_nothing_is_refused(db: str, rate: str) -> None:
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.delivery.errors import BadDestination
    from postroom.identity.actor import SYSTEM

    with pytest.raises(BadDestination, match="rate"):
        set_destination(SYSTEM, "letters", "portal", {"rate": rate})


def test_the_command_line_sets_and_tells_the_pace(starters: list[str]) -> None:
    from typer.testing import CliRunner

    from postroom.cli.channels import app
    from postroom.delivery.models import Destination

    done = CliRunner().invoke(app, ["set", "portal", "portal", "rate=60/minute", "burst=5", "parallel=2"])
    assert done.exit_code == 0, done.output
    assert Destination.objects.get(pk="portal").config == {"rate": "60/minute", "burst": 5, "parallel": 2}
    told = CliRunner().invoke(app, ["list"], env={"COLUMNS": "200"})
    assert "60/minute" in told.output
