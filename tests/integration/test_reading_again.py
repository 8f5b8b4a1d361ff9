"""Reading that is cut goes on where it was, whoever reads, and never holds a run for somebody who gave up (P1, P3)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from api_kit import records
from kit.runs import balance_of, settled, start, write


def _jobs(queue: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = %s AND status = 'todo'", [queue])
        return int(cursor.fetchone()[0])


def _forget_jobs() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_p3_a_reader_that_fails_lets_go_and_the_sweep_has_it_read_again(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from postroom.production import reading, recovery
    from postroom.production.models import Run

    # given a reader that fails after its first chunk
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"chunk_size": 2}))
    run = start(write(tmp_path, records(5)))
    real = reading._commit

    def commit(run: Any, received: int, *rest: Any) -> None:
        if received:
            raise RuntimeError("cut")
        real(run, received, *rest)

    with monkeypatch.context() as broken:
        broken.setattr(reading, "_commit", commit)
        with pytest.raises(RuntimeError, match="cut"):
            reading.read_parcel(run.pk)
    # then nobody holds the run, and what was read is counted
    left = Run.objects.get(pk=run.pk)
    assert (left.worker_lock, left.state, left.received) == (None, "reading", 2)
    assert balance_of(run).records_difference == 0
    # when its wake-ups are lost too, then the sweep wakes a reader and a composer
    _forget_jobs()
    monkeypatch.setattr(recovery, "LOST_AFTER", dt.timedelta(0))
    recovery.sweep()
    assert (_jobs("intake"), _jobs("render")) == (1, 1)
    reading.read_parcel(run.pk)
    assert settled(run).records["completed"] == 5


def test_p3_a_reader_that_was_taken_over_commits_nothing(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.production import reading
    from postroom.production.errors import ClaimLost
    from postroom.production.models import Run

    # given a reader that is taken for dead before it commits
    run = start(write(tmp_path, records(3)))
    real = reading._commit

    def late(run: Any, *rest: Any) -> None:
        Run.objects.filter(pk=run.pk).update(worker_lock=1)
        real(run, *rest)

    with monkeypatch.context() as overtaken:
        overtaken.setattr(reading, "_commit", late)
        with pytest.raises(ClaimLost):
            reading.read_parcel(run.pk)
    # then it kept nothing, and left the run to the other
    left = Run.objects.get(pk=run.pk)
    assert (left.received, left.worker_lock) == (0, 1)


def test_p1_the_bytes_are_in_custody_before_anything_is_made_of_them(starters: list[str], tmp_path: Path) -> None:
    from postroom.intake.models import Parcel
    from postroom.intake.queries import parcel_file
    from postroom.production.reading import read_parcel
    from postroom.vault.read import read_blob

    # given a run that was only started, when its file is gone from where it came
    path = write(tmp_path, records(3))
    content = path.read_bytes()
    run = start(path)
    path.unlink()
    # then the vault has it byte for byte, and the run goes on from there
    parcel = Parcel.objects.get(pk=run.parcel_id)
    assert b"".join(read_blob(part.blob) for part in parcel.parts.order_by("no")) == content
    # also when the working copy was cut by a crash
    parcel_file(parcel).write_bytes(content[:100])
    read_parcel(run.pk)
    assert settled(run).records["completed"] == 3
