"""A full disk or a slow way out slows intake down: nothing fails, nobody is blamed, and the work goes on by itself."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from api_kit import records
from kit.runs import balance_of, settled, start, write
from postroom.kernel.home import Home


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings for this test."""
    from django.conf import settings

    def to(**changes: Any) -> None:
        monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=changes))

    return to


@pytest.fixture
def small_disk(starters: list[str], home: Home) -> Iterator[Path]:
    """The vault on a real file system of 8 MiB."""
    from postroom.vault import write as vault_write

    vault_write.forget_writers_after_fork()
    kept = home.root / "kept"
    shutil.copytree(home.vault, kept)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(home.vault)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may make a small file system")
    try:
        shutil.copytree(kept, home.vault, dirs_exist_ok=True)
        yield home.vault
    finally:
        vault_write.forget_writers_after_fork()
        subprocess.run(["umount", "--lazy", str(home.vault)], check=True)


def _fill_up(folder: Path, leave: int = 0) -> Path:
    """Take the room there is, but for ``leave`` bytes."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    if leave:
        os.truncate(ballast, max(0, ballast.stat().st_size - leave))
    return ballast


def _chunk(run: Any) -> Any:
    from postroom.production.models import Chunk

    return Chunk.objects.get(run=run)


@pytest.mark.parametrize("leave", [0, 4096, 16384], ids=["no room at all", "room for a header", "room for a frame"])
def test_p3_a_disk_that_fills_up_under_a_chunk_makes_it_wait(
    small_disk: Path,
    tmp_path: Path,
    change: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    leave: int,
) -> None:
    from postroom.production import tasks
    from postroom.production.models import SetAside
    from postroom.production.reading import read_parcel

    # given a run whose records wait, and a disk that is full although nobody could foresee it
    change(disk_reserve=0)
    monkeypatch.setattr(tasks, "_LATER", 0.2)
    run = start(write(tmp_path, records(12)))
    read_parcel(run.pk)
    ballast = _fill_up(small_disk, leave)
    # when a worker composes it, as often as you like
    for _ in range(7):
        tasks.compose_chunk_task(str(_chunk(run).pk))
    # then the chunk waits, and no record is blamed
    chunk = _chunk(run)
    assert (chunk.state, chunk.tries) == ("ready", 0)
    assert not SetAside.objects.exists()
    counted = balance_of(run)
    assert (counted.records["in_progress"], counted.records_difference) == (12, 0)
    # and its wake-up is in the queue, for later
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'render' AND scheduled_at IS NOT NULL"
        )
        assert cursor.fetchone()[0] > 0
    # when there is room again, then it goes on by itself, whole
    ballast.unlink()
    tasks.compose_chunk_task(str(chunk.pk))
    assert _chunk(run).state == "done"
    assert settled(run).records["completed"] == 12


def test_p3_below_the_reserve_composing_waits_in_its_place_and_goes_on(
    small_disk: Path, tmp_path: Path, change: Callable[..., None]
) -> None:
    from postroom.production import pressure, tasks
    from postroom.production.reading import read_parcel

    # given a disk with less than the reserve
    change(disk_reserve=0)
    run = start(write(tmp_path, records(2)))
    read_parcel(run.pk)
    change(disk_reserve=4 << 20)
    ballast = _fill_up(small_disk, 2 << 20)
    found = pressure.of_disk()
    assert found is not None
    assert found.cause == "disk"
    assert found.found < found.limit == 4 << 20
    # when a worker comes, and room is made while it waits
    timer = threading.Timer(0.7, ballast.unlink)
    timer.start()
    began = time.monotonic()
    tasks.compose_chunk_task(str(_chunk(run).pk))
    timer.join()
    # then it has waited, and gone on
    assert time.monotonic() - began > 0.6
    assert _chunk(run).state == "done"


def test_p3_a_slow_way_out_holds_back_its_run_only(
    starters: list[str], tmp_path: Path, change: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.delivery.models import Delivery
    from postroom.production import pressure, tasks
    from postroom.production.models import DONE, Chunk
    from postroom.production.reading import read_parcel

    monkeypatch.setattr(tasks, "_PATIENCE", 0.3)
    # given a run whose letters do not get out, with chunks still to compose
    change(chunk_size=4, backlog=4)
    slow = start(write(tmp_path, records(12), "slow.jsonl"))
    read_parcel(slow.pk)
    chunks = list(Chunk.objects.filter(run=slow).order_by("no").values_list("pk", flat=True))
    tasks.compose_chunk_task(str(chunks[0]))
    waiting = Delivery.objects.filter(run_id=slow.pk, state="ready").count()
    assert waiting >= 4
    # then nothing more of it is composed, and it says why
    tasks.compose_chunk_task(str(chunks[1]))
    assert Chunk.objects.filter(run=slow, state=DONE).count() == 1
    found = pressure.on_run(slow)
    assert found is not None
    assert (found.cause, found.limit) == ("backlog", 4)
    # but another run goes on, and so does what is urgent
    other = start(write(tmp_path, records(3)[1:], "other.jsonl"))
    single = start(write(tmp_path, records(1), "single.jsonl"))
    read_parcel(other.pk)
    read_parcel(single.pk)
    for _ in range(2):
        tasks.compose_chunk_task(str(chunks[1]))
    assert set(Chunk.objects.filter(state=DONE).values_list("run_id", flat=True)) == {slow.pk, other.pk, single.pk}
    # when letters have gone out, then it goes on by itself
    Delivery.objects.filter(run_id=slow.pk).update(state="delivered")
    tasks.compose_chunk_task(str(chunks[1]))
    assert Chunk.objects.filter(run=slow, state=DONE).count() == 2


def test_p3_a_reader_waits_for_those_behind_it_and_reads_for_others_meanwhile(
    starters: list[str], tmp_path: Path, change: Callable[..., None]
) -> None:
    from postroom.production.courtesy import Courtesy
    from postroom.production.models import Chunk, Run
    from postroom.production.reading import read_parcel

    # given a file of more records than may wait, and another that came later
    change(chunk_size=2, backlog=4)
    long = start(write(tmp_path, records(12), "long.jsonl"))
    later = start(write(tmp_path, records(3), "later.jsonl"))
    done = threading.Event()

    def compose_meanwhile() -> None:
        try:
            end = time.monotonic() + 60
            while not done.is_set() and time.monotonic() < end:
                waiting = Chunk.objects.filter(run=long, state="ready").count()
                seen.append(waiting)
                if waiting >= 2 and Run.objects.get(pk=later.pk).state == "working":
                    Chunk.objects.filter(run=long, state="ready").update(state="done")
                time.sleep(0.05)
        finally:
            connection.close()

    seen: list[int] = []
    helper = threading.Thread(target=compose_meanwhile)
    helper.start()
    between = Courtesy()

    def always(run: Any) -> None:
        between._look_at = 0.0
        between(run)

    read_parcel(long.pk, between=always)
    done.set()
    helper.join()
    # then it was read to its end, never far ahead, and the other was read while it waited
    assert Run.objects.get(pk=long.pk).received == 12
    assert Run.objects.get(pk=later.pk).state == "working"
    assert max(seen) <= 3


def test_p3_a_reader_that_waits_leaves_when_its_worker_stops(
    starters: list[str], tmp_path: Path, change: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.production import pressure
    from postroom.production.courtesy import Courtesy
    from postroom.production.reading import read_parcel

    change(chunk_size=2, backlog=2)
    run = start(write(tmp_path, records(6)))
    monkeypatch.setattr(pressure, "LEAVING", threading.Event())
    threading.Timer(0.5, pressure.LEAVING.set).start()
    between = Courtesy()

    def always(current: Any) -> None:
        between._look_at = 0.0
        between(current)

    read_parcel(run.pk, between=always)
    # then the run is nobody's, and is read on where it was
    run.refresh_from_db()
    assert (run.state, run.worker_lock) == ("reading", None)
    assert run.received == 2
    pressure.LEAVING.clear()
    change(backlog=0)
    read_parcel(run.pk, between=Courtesy())
    run.refresh_from_db()
    assert (run.state, run.received) == ("working", 6)


def test_p3_memory_stays_flat_while_a_reader_waits(
    starters: list[str], tmp_path: Path, change: Callable[..., None]
) -> None:
    from postroom.production.courtesy import Courtesy
    from postroom.production.models import Chunk
    from postroom.production.reading import read_parcel

    # given a file a hundred times as long as what may wait
    change(chunk_size=100, backlog=200)
    run = start(write(tmp_path, records(1) * 20_000), mapping="")
    between = Courtesy()

    def read_on(current: Any) -> None:
        Chunk.objects.filter(run=current, state="ready").update(state="done")
        between(current)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_parcel(run.pk, between=read_on)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    run.refresh_from_db()
    assert run.received == 20_000
    assert grown < 40 << 10, f"{grown} KiB"


def test_the_examination_tells_what_is_held_back(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.kernel.config import config
    from postroom.production.reading import read_parcel
    from postroom.support import pressure

    # given a run of which more waits than may
    run = start(write(tmp_path, records(4)))
    read_parcel(run.pk)
    (found,) = pressure.pressed(False)
    assert (found.state, found.told) == ("ok", "nothing is held back")
    monkeypatch.setattr(pressure, "config", lambda: config().model_copy(update={"backlog": 2, "chunk_size": 2}))
    (found,) = pressure.pressed(False)
    assert found.state == "note"
    assert run.ref in found.told
    # and a disk that is short comes first
    monkeypatch.setattr(pressure, "config", lambda: config().model_copy(update={"disk_reserve": 1 << 60}))
    (found,) = pressure.pressed(False)
    assert found.state == "wrong"
    assert "below the reserve" in found.told
