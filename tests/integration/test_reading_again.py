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


class _Lossy:
    """A connection that breaks after a statement was committed, so that its answer is lost; ``times`` times."""

    def __init__(self, beginning: str, times: int = 1) -> None:
        self.beginning, self.times, self.lost = beginning, times, 0

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        from django.db import OperationalError

        answer = execute(sql, *rest)
        if sql.startswith(self.beginning) and self.lost < self.times:
            self.lost += 1
            raise OperationalError("server closed the connection unexpectedly")
        return answer


_CLAIM = 'UPDATE "run" SET "worker_lock" = '


def _cut(run: Any, lossy: _Lossy) -> None:
    from django.db import OperationalError, connection

    from postroom.production.reading import read_parcel

    with connection.execute_wrapper(lossy), pytest.raises(OperationalError):
        read_parcel(run.pk)
    assert lossy.lost == lossy.times


def test_p3_a_claim_whose_answer_was_lost_is_taken_up_again(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.kernel import liveness
    from postroom.production import recovery
    from postroom.production.models import Run
    from postroom.production.reading import read_parcel

    # given a reader whose claim was committed, and who never heard of it
    run = start(write(tmp_path, records(3)))
    _cut(run, _Lossy(_CLAIM))
    # then nobody holds the run, though that worker lives, and the sweep has it read
    assert Run.objects.get(pk=run.pk).worker_lock is None
    liveness.current().require()
    _forget_jobs()
    monkeypatch.setattr(recovery, "LOST_AFTER", dt.timedelta(0))
    recovery.sweep()
    assert _jobs("intake") == 1
    read_parcel(run.pk)
    assert settled(run).records["completed"] == 3


def test_p3_the_last_step_of_reading_may_lose_its_answer_too(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.production import reading
    from postroom.production.models import Run

    # given a run of which everything is read, and a step to "working" that fails before its commit
    run = start(write(tmp_path, records(3)))
    real = reading.append

    def append(actor: str, acts: Any) -> Any:
        if any(act.act == "run.received" for act in acts):
            raise RuntimeError("cut")
        return real(actor, acts)

    with monkeypatch.context() as broken:
        broken.setattr(reading, "append", append)
        with pytest.raises(RuntimeError, match="cut"):
            reading.read_parcel(run.pk)
    # then nobody holds it, and the next reader only takes that step
    left = Run.objects.get(pk=run.pk)
    assert (left.worker_lock, left.state) == (None, "reading")
    reading.read_parcel(run.pk)
    assert settled(run).records["completed"] == 3


def test_p3_a_reader_that_cannot_give_back_what_it_claimed_ends(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.kernel import liveness
    from postroom.production import reading
    from postroom.production.models import Run

    # given a database that answers none of the reader's writes any more
    monkeypatch.setattr(reading, "RELEASE_WAITS", (0.0, 0.0))
    run = start(write(tmp_path, records(3)))
    worker = liveness.current().number
    monkeypatch.setattr(reading.connection, "close", lambda: (_ for _ in ()).throw(OSError("away")))
    _cut(run, _Lossy(_CLAIM))
    # then the run is still its own, and its lock is free: whoever comes takes it over
    assert Run.objects.get(pk=run.pk).worker_lock == worker
    assert worker in liveness.gone_now()
    monkeypatch.undo()
    liveness._CURRENT = None  # another worker
    reading.read_parcel(run.pk)
    assert settled(run).records["completed"] == 3


def test_planted_a_reader_that_keeps_a_claim_it_never_heard_of_is_noticed(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.production import reading
    from postroom.production.models import Run

    monkeypatch.setattr(reading, "_give_back", lambda *_: None)
    run = start(write(tmp_path, records(3)))
    _cut(run, _Lossy(_CLAIM))
    assert Run.objects.get(pk=run.pk).worker_lock is not None


def test_p1_a_full_work_folder_makes_reading_wait_and_leaves_nothing(starters: list[str], tmp_path: Path) -> None:
    import os
    import subprocess

    from postroom.intake.queries import parcel_file
    from postroom.kernel.home import home
    from postroom.production.models import Run
    from postroom.production.reading import read_parcel
    from postroom.vault.errors import DiskFull

    if os.geteuid() != 0:
        pytest.skip("only root can make a small disk")
    # given a parcel that is larger than the disk of the work folder
    many = records(400)
    run = start(write(tmp_path, many))
    folder = home().prepare().work / "parcels"
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine mounts no tmpfs")
    try:
        # when it is read, then it says what to do, leaves no half copy, and nobody holds the run
        with pytest.raises(DiskFull, match="working copy"):
            read_parcel(run.pk)
        assert list(folder.iterdir()) == []
        left = Run.objects.select_related("parcel").get(pk=run.pk)
        assert (left.worker_lock, left.received, left.state) == (None, 0, "reading")
        # when there is room, then it is read as if nothing had been
        subprocess.run(["mount", "-o", "remount,size=8m", str(folder)], check=True)
        assert parcel_file(left.parcel).stat().st_size == left.parcel.size
        read_parcel(run.pk)
        assert balance_of(run).records_difference == 0
        assert Run.objects.get(pk=run.pk).received == 400
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
