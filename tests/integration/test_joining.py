"""A worker joins what is there: its roles have to exist, and its version has to fit the database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection


def test_roles_are_read_and_each_channel_has_a_lane_of_its_own(db: str) -> None:
    from postroom.project.lanes import lanes_of, parse_roles

    assert parse_roles(" render, deliver:email,render ") == ("render", "deliver:email")
    assert [(lane.name, lane.queues) for lane in lanes_of(["render", "deliver:email"])] == [
        ("render", ("render",)),
        ("deliver:email", ("deliver:email",)),
    ]
    names = [lane.name for lane in lanes_of(["read", "deliver", "sweep"])]
    assert {"deliver:email", "deliver:folder", "deliver:portal"} < set(names)
    assert names.count("read") == 2, "acts on many rows do not wait for a file"
    # and a wake-up that an older version left is served too
    assert all("deliver" in lane.queues for lane in lanes_of(["deliver"]))


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ("fax", "no role 'fax'"),
        ("render:email", "no role"),
        ("deliver:pigeon", "no channel 'pigeon'"),
        (" , ", "no role"),
    ],
)
def test_a_role_that_does_not_exist_is_refused(db: str, roles: str, told: str) -> None:
    from postroom.project.lanes import UnknownRole, parse_roles

    with pytest.raises(UnknownRole, match=told):
        parse_roles(roles)


def _note(app: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", (app, name))


def _forget(app: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", (app, name))


def test_a_worker_of_an_older_version_is_refused_and_one_that_fits_is_not(db: str) -> None:
    from postroom.project.joining import SchemaDiffers, Watch, require_same_schema

    require_same_schema()
    watch = Watch()
    assert watch.told() == ""
    # given a database that a newer version has migrated
    _note("delivery", "0999_of_tomorrow")
    # then this worker may not join, and one that is at work stops
    with pytest.raises(SchemaDiffers, match=r"newer version than this worker.*0999_of_tomorrow"):
        require_same_schema()
    assert "0999_of_tomorrow" in watch.told()


def test_a_worker_of_a_newer_version_is_refused_before_the_database_is_migrated(db: str) -> None:
    from postroom.project.joining import SchemaDiffers, require_same_schema

    _forget("delivery", "0003_taking_turns")
    with pytest.raises(SchemaDiffers, match=r"older version than this worker.*0003_taking_turns") as raised:
        require_same_schema()
    assert "postroom db migrate" in raised.value.hint


def test_what_others_keep_in_the_database_is_no_difference(db: str) -> None:
    from postroom.project.joining import require_same_schema

    _note("a_plugin", "0001_initial")
    require_same_schema()


def _worker(*options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "postroom.cli.app", "worker", *options],
        env={**os.environ, "POSTROOM_SUPERVISOR": str(os.getpid())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_the_worker_itself_refuses_with_a_clear_error(db: str) -> None:
    _note("production", "0999_of_tomorrow")
    with _worker("--roles", "sweep") as process:
        said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 7, said
    assert "newer version than this worker" in said
    assert "Traceback" not in said


def test_p4_one_letter_leaves_within_a_second_while_a_throttled_batch_waits(
    starters: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a real worker process: the places of a throttled batch do not keep a letter waiting."""
    from api_kit import records
    from kit.backlog import backlog
    from kit.runs import start, write
    from postroom.delivery.models import Delivery, Destination
    from postroom.delivery.wake import wake

    # given 20,000 letters of a batch for a destination that takes one a minute, and a worker that has begun with them
    for folder in ("slow", "letters"):
        (tmp_path / folder).mkdir()
    slow = {"folder": str(tmp_path / "slow"), "rate": "1/minute"}
    Destination.objects.create(key="slow", channel="folder", config=slow)
    backlog("slow", 20_000, run=None)
    Delivery.objects.filter(destination_id="slow").update(priority=0, channel="folder")
    Destination.objects.filter(key="letters").update(config={"folder": str(tmp_path / "letters")})
    for _ in range(8):
        wake("slow")
    with _worker("--roles", "read,render,deliver,sweep", "--concurrency", "2") as process:
        try:
            _wait_for(lambda: Delivery.objects.filter(destination_id="slow", attempts=1).exists(), 60)
            # when somebody sends letters, one after the other (the first one warms the renderer up)
            took = []
            for number in range(4):
                made = records(1)
                made[0]["number"] = f"L-{number}"
                began = time.monotonic()
                run = start(write(tmp_path, made, f"{number}.jsonl"), destination="letters")
                _wait_for(lambda: Delivery.objects.filter(run_id=run.pk, state="delivered").exists(), 30)  # noqa: B023
                took.append(time.monotonic() - began)
        finally:
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=40)[0].decode()
    assert "Traceback" not in said, said
    # then each is out soon, and the batch kept its rate
    with capsys.disabled():
        print(f"\n  a letter took {', '.join(f'{one:.2f}' for one in took[1:])} s")
    assert min(took[1:]) < 1.0
    assert 1 <= Delivery.objects.filter(destination_id="slow", attempts=1).count() <= 2


def _wait_for(what: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def test_finished_tasks_are_purged_and_waiting_ones_stay(db: str) -> None:
    from django.conf import settings

    from postroom.delivery.wake import wake
    from postroom.project.worker import purge_tasks

    # given a task that waits, one that a crash left finished long ago, and one finished just now
    for key in ("waits", "old", "new"):
        wake(key)
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as session:
        for key in ("old", "new"):
            session.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE args ->> 'destination' = %s", (key,))
            session.execute(
                "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE args ->> 'destination' = %s", (key,)
            )
        session.execute(
            "UPDATE procrastinate_events SET at = now() - interval '2 days' WHERE job_id ="
            " (SELECT id FROM procrastinate_jobs WHERE args ->> 'destination' = 'old')"
        )
        # then only the old one goes
        assert purge_tasks() == 1
        left = session.execute("SELECT args ->> 'destination' FROM procrastinate_jobs ORDER BY 1").fetchall()
    assert left == [("new",), ("waits",)]
