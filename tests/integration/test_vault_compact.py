"""Dead space goes, what is alive stays where it can be read, and a crash at any point changes nothing of that."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from vault_kit import stored

from postroom.kernel.home import Home

NOW = dt.timedelta(0)
pytestmark = pytest.mark.usefixtures("db")


def _seal() -> None:
    from postroom.vault import write
    from postroom.vault.upkeep import seal_abandoned

    write._writer().abandon()
    seal_abandoned()


def _half_dead() -> tuple[Any, Any]:
    """Ids of blobs in one sealed segment: destroyed ones, and those alive."""
    from postroom.vault.destroy import destroy

    blobs = stored(*(os.urandom(3000) + b"%d" % number for number in range(6)))
    _seal()
    destroy(blobs[::2])
    return blobs[::2], blobs[1::2]


def _files(home: Home) -> list[Path]:
    return sorted(home.vault.glob("*.seg"))


def test_p11_compacting_removes_the_bytes_of_what_was_destroyed(home: Home) -> None:
    from postroom.vault.compact import compact
    from postroom.vault.errors import BlobMissing
    from postroom.vault.read import read
    from postroom.vault.verify import verify

    # given a sealed segment, half of it destroyed
    dead, alive = _half_dead()
    contents = {blob: read(blob) for blob in alive}
    (old,) = _files(home)
    before = old.stat().st_size
    # when it is young, then it is left alone; when it is settled, it is rewritten
    assert compact().segments == 0
    done = compact(settled=NOW)
    # then half of it is free, the survivors are the same, and the destroyed ones are told as such
    (new,) = _files(home)
    assert done.segments == 1
    assert new != old
    assert before - new.stat().st_size == done.freed > 9000
    assert {blob: read(blob) for blob in alive} == contents
    for blob in dead:
        with pytest.raises(BlobMissing, match="destroyed"):
            read(blob)
    verdict = verify()
    assert (verdict.whole, verdict.orphans, verdict.segments) == (True, 0, 1)
    # and there is nothing more to do, until the rest is destroyed: then no file is left
    assert compact(settled=NOW).segments == 0
    from postroom.vault.destroy import destroy

    destroy(alive)
    assert compact(settled=NOW).segments == 1
    assert _files(home) == []


@pytest.mark.parametrize("place", ["after-copy", "after-switch"])
def test_p11_a_crash_while_compacting_is_harmless(home: Home, place: str) -> None:
    from postroom.vault.compact import compact
    from postroom.vault.read import read
    from postroom.vault.verify import verify

    # given a process that is killed in the middle of compacting
    _, alive = _half_dead()
    contents = {blob: read(blob) for blob in alive}
    program = (
        "from postroom.project.boot import boot; boot(migrate=False)\n"
        "import datetime as dt\n"
        "from postroom.vault.compact import compact\n"
        "compact(settled=dt.timedelta(0))\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "POSTROOM_FAILPOINT": place}, timeout=60, check=False
    )
    assert killed.returncode == -9
    # then everything alive can be read
    assert verify().whole
    assert {blob: read(blob) for blob in alive} == contents
    # and the next round clears up: one file, no dead space
    _seal()
    compact(worth=0.0, settled=NOW)
    assert verify().whole
    assert verify().orphans == 0
    assert len(_files(home)) == 1
    assert {blob: read(blob) for blob in alive} == contents


def test_p2_a_reader_that_was_overtaken_finds_the_new_place() -> None:
    from postroom.vault.compact import compact
    from postroom.vault.models import Blob
    from postroom.vault.read import read, read_blob

    # given a row that was read before its segment was compacted
    _, alive = _half_dead()
    row, content = Blob.objects.get(pk=alive[0]), read(alive[0])
    compact(settled=NOW)
    # then reading by it goes on
    assert read_blob(row) == content


def test_p2_a_chunk_whose_rows_come_late_is_not_robbed_of_its_bytes() -> None:
    from django.db import IntegrityError, transaction

    from postroom.vault.compact import compact
    from postroom.vault.write import Batch

    # given a chunk that synced its bytes and whose segment was compacted before its rows came
    batch = Batch()
    batch.add(b"words")
    batch.sync()
    _seal()
    assert compact(settled=NOW).segments == 1
    # when its rows come, then they are refused as a whole, and the chunk is done again
    with pytest.raises(IntegrityError), transaction.atomic():
        batch.record()
    assert len(stored(b"words")) == 1


def test_planted_damage_is_not_carried_over_and_a_backup_is_not_disturbed(home: Home) -> None:
    from postroom.kernel.backup import keep_segments
    from postroom.vault.compact import Compacted, compact
    from postroom.vault.errors import BlobDamaged
    from postroom.vault.models import Blob

    # given a backup under way, then nothing is rewritten
    _, alive = _half_dead()
    with keep_segments(home).holding(shared=True):
        assert compact(settled=NOW) == Compacted()
    # given a damaged survivor
    blob = Blob.objects.get(pk=alive[1])
    path = home.vault / blob.segment_id
    with path.open("r+b") as handle:
        handle.seek(blob.offset + 80)
        handle.write(b"\0\0\0\0")
    # then the segment stays as it is, as evidence
    with pytest.raises(BlobDamaged):
        compact(settled=NOW)
    assert path.exists()
    assert Blob.objects.get(pk=alive[0]).segment_id == path.name


def test_torn_tails_are_recognised(home: Home) -> None:
    from postroom.vault.verify import verify

    # given half a frame behind the last whole one, as a crash leaves it
    stored(b"words")
    _seal()
    (path,) = _files(home)
    with path.open("ab") as handle:
        handle.write(b"PRF1" + bytes(30))
    # then it is counted, and nothing is damaged
    assert (verify().whole, verify().tails, verify().orphans) == (True, 34, 0)
