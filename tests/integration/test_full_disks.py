"""Full disks: while a vault's segment is begun, sealed and uploaded, and while a letter is put into a folder (P2, P4).

The disks are small file systems; composing and ingesting on one are in test_back_pressure and test_reading_again.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from vault_kit import stored

from api_kit import records
from kit.runs import balance_of, settled, start, write
from postroom.kernel.home import Home

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")


@contextmanager
def _small(folder: Path, size: str) -> Iterator[None]:
    """What is in ``folder`` stands on a disk of its own."""
    before = folder.with_name(f"{folder.name}.before")
    shutil.copytree(folder, before)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine mounts no tmpfs")
    try:
        shutil.copytree(before, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(folder: Path, leave: int = 0) -> Path:
    """Take the room there is, but for ``leave`` bytes."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(b"x" * 4096)
    os.truncate(ballast, max(0, ballast.stat().st_size - leave))
    return ballast


@pytest.fixture
def vault(db: str, home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The vault on a disk of 4 MiB, in segments of 64 KiB, with no reserve: the disk itself says when it is full."""
    from django.conf import settings

    from postroom.vault import write

    changes = {"disk_reserve": 0, "segment_bytes": 1 << 16}
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=changes))
    write.forget_writers_after_fork()
    with _small(home.vault, "4m"):
        yield home.vault
        write._writer().abandon()
        write.forget_writers_after_fork()


def _whole() -> None:
    from postroom.vault.verify import verify

    verdict = verify()
    assert not verdict.damaged and not verdict.missing_segments, verdict


def test_p2_a_segment_that_cannot_be_begun_leaves_no_row_and_no_open_file(vault: Path) -> None:
    from postroom.vault import write
    from postroom.vault.errors import DiskFull
    from postroom.vault.models import Blob, Segment

    # given a disk without room for the header of a segment
    ballast = _fill(vault)
    opened = []
    for _ in range(4):
        with pytest.raises(DiskFull):
            stored(b"a letter" * 100)
        opened.append(len(list(Path("/proc/self/fd").iterdir())))
    # then nothing names what is not there, and nothing is held open
    assert (Segment.objects.count(), Blob.objects.count()) == (0, 0)
    assert len(set(opened)) == 1
    # when there is room, then it goes on
    ballast.unlink()
    stored(b"a letter" * 100)
    assert Segment.objects.count() == 1 and write._writer()._file is not None
    _whole()


@pytest.mark.parametrize("trouble", ["sync", "row"])
def test_p2_a_segment_whose_sealing_fails_is_not_written_to_any_more(
    vault: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    from django.db import OperationalError

    from postroom.vault import write
    from postroom.vault.errors import DiskFull
    from postroom.vault.models import Segment
    from postroom.vault.upkeep import seal_abandoned

    # given a segment that the next blob fills
    stored(os.urandom(40_000))
    (first,) = Segment.objects.values_list("name", flat=True)
    with monkeypatch.context() as broken:
        if trouble == "sync":  # a disk that finds out only now that there is no room for what it has taken

            def full(_: int) -> None:
                raise OSError(errno.ENOSPC, "No space left on device")

            broken.setattr(os, "fdatasync", full)
        else:
            broken.setattr(write.failpoints, "reach", _raising(OperationalError("server closed the connection")))
        with pytest.raises((DiskFull, OperationalError)):
            stored(os.urandom(40_000))
    # when the next one is stored, then it is in a segment of its own; the other one is sealed by the upkeep
    stored(b"the next one")
    assert Segment.objects.count() == 2
    assert seal_abandoned() == 1
    assert Segment.objects.get(name=first).sealed_at is not None
    _whole()


def _raising(error: Exception) -> Callable[[str], None]:
    def reach(place: str) -> None:
        if place == "after-close":
            raise error

    return reach


class _Bucket:
    """A store elsewhere, as ``upload`` sees one: a folder with room."""

    name, url = "s3", "s3://elsewhere"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def put(self, name: str, path: Path) -> None:
        shutil.copy(path, self.folder / name)

    def size(self, name: str) -> int:
        return (self.folder / name).stat().st_size

    def read(self, name: str, offset: int, length: int) -> bytes:
        return (self.folder / name).read_bytes()[offset : offset + length]


def test_p2_segments_are_sealed_uploaded_and_trimmed_on_a_full_disk_and_make_room(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from postroom.vault import write
    from postroom.vault.errors import DiskFull
    from postroom.vault.models import Segment
    from postroom.vault.upkeep import seal_abandoned, trim, upload

    # given a disk that its own segments have filled
    with pytest.raises(DiskFull):
        while True:
            stored(os.urandom(1 << 16))
    write._writer().abandon()
    many = Segment.objects.count()
    assert many > 10
    # when they are sealed, uploaded and trimmed, for which no room is needed
    seal_abandoned()
    there: Any = _Bucket(tmp_path / "bucket")
    assert upload(there) == many
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"cache_bytes": 1 << 17}))
    assert trim() >= many - 3
    # then there is room again, and no byte was lost: each segment there has the digest of its row
    stored(b"one more")
    assert Segment.objects.filter(store="s3").count() == many


def _placed(drop: Path) -> list[Path]:
    """What whoever reads the folder sees of it."""
    return [path for path in drop.rglob("*.pdf") if ".postroom" not in path.parts]


def test_p4_letters_into_a_full_folder_wait_and_arrive_once(starters: list[str], tmp_path: Path) -> None:
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.delivery.dispatch import dispatch
    from postroom.delivery.models import Delivery
    from postroom.identity.actor import SYSTEM
    from postroom.production.models import READY, Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel

    # given letters into a folder on a disk that is full
    drop = tmp_path / "drop"
    drop.mkdir()
    with _small(drop, "2m"):
        set_destination(SYSTEM, "tray", "folder", {"folder": str(drop)})
        run = start(write(tmp_path, records(3)), destination="tray")
        read_parcel(run.pk)
        for chunk in Chunk.objects.filter(run=run, state=READY):
            compose_chunk(chunk.pk)
        ballast = _fill(drop, leave=8192)
        # when they are sent, then each waits for its next try with the reason, and no piece of one lies there
        dispatch("tray")
        rows = list(Delivery.objects.filter(run_id=run.pk))
        assert {(row.state, row.code) for row in rows} == {("ready", "deferred")}
        assert all("space" in row.reason for row in rows)
        assert _placed(drop) == []
        assert balance_of(run).deliveries_difference == 0
        # when there is room, then each arrives, once
        ballast.unlink()
        assert settled(run, hurry=True).records["completed"] == 3
        assert len(_placed(drop)) == 3
