"""P2: whatever byte changes in the vault, it is found, and the documents it belongs to are named."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from api_kit import World
from kit.runs import postroom
from postroom.kernel.home import Home


def _blob_of(world: World) -> Any:
    from postroom.documents.models import Version

    return Version.objects.select_related("blob").get(document=world.document).blob


def _flip(path: Path, offset: int) -> None:
    """Change one bit of one byte."""
    with path.open("r+b") as handle:
        handle.seek(offset)
        byte = handle.read(1)[0]
        handle.seek(offset)
        handle.write(bytes([byte ^ 1]))


def test_p2_a_changed_byte_names_the_document_and_ends_with_8(world: World, home: Home) -> None:
    # given one flipped bit inside a document's bytes
    blob = _blob_of(world)
    _flip(home.vault / blob.segment_id, blob.offset + 64 + blob.stored_size // 2)
    # when the vault is verified in the terminal
    done = postroom("vault", "verify")
    # then it says so, names the document's number, and ends with 8
    assert done.returncode == 8, done.stdout + done.stderr
    assert world.number in done.stdout
    assert "NOT whole" in done.stdout


def test_p2_a_changed_header_is_found_too(world: World, home: Home) -> None:
    from postroom.vault.verify import verify

    # given one flipped bit in the header of a frame, the padding included
    blob = _blob_of(world)
    path = home.vault / blob.segment_id
    for place in range(0, 64, 7):
        _flip(path, blob.offset + place)
        # when the vault is verified, then that blob is damaged
        assert blob.pk in {damaged for damaged, _ in verify().damaged}, place
        _flip(path, blob.offset + place)
    # given one in the first bytes of the segment
    _flip(path, 3)
    # then all its blobs are in doubt, and it says why
    assert "header of segment" in dict(verify().damaged)[blob.pk]
    _flip(path, 3)
    assert verify().whole
    # given a segment that lost its last byte, then one that is gone
    os.truncate(path, path.stat().st_size - 1)
    assert len(verify().damaged) == 1
    path.unlink()
    # then both are found
    assert blob.segment_id in verify().missing_segments


def test_p2_damaged_bytes_are_never_served(world: World, home: Home) -> None:
    from postroom.documents.content import original
    from postroom.identity.actor import SYSTEM
    from postroom.vault.errors import BlobDamaged

    # when a byte changes, then reading the document fails loudly
    blob = _blob_of(world)
    _flip(home.vault / blob.segment_id, blob.offset + 64)
    with pytest.raises(BlobDamaged, match="cannot be read"):
        original(SYSTEM, world.document)


def test_p1_a_full_disk_is_told_as_such_at_the_sync_too(starters: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.plugins.stores.local import LocalSegment
    from postroom.vault.errors import DiskFull
    from postroom.vault.write import Batch

    # given a disk that is full at the moment of the sync
    def full(self: LocalSegment) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    batch = Batch()
    batch.add(b"words")
    monkeypatch.setattr(LocalSegment, "sync", full)
    # when it is synced, then that is what is said, and the torn segment is not written to again
    with pytest.raises(DiskFull, match="no room"):
        batch.sync()
    monkeypatch.undo()
    again = Batch()
    again.add(b"words")
    again.sync()


def test_p2_blobs_are_not_added_inside_a_transaction(db: str) -> None:
    from django.db import transaction

    from postroom.vault.write import Batch

    # given a transaction that may be rolled back, when bytes are added in it, then that is refused
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        Batch().add(b"words")


def test_p2_rows_are_refused_before_their_bytes_are_synced(db: str) -> None:
    from django.db import transaction

    from postroom.vault.models import Blob
    from postroom.vault.write import Batch

    # given a blob whose bytes wait in memory, when its row is to be written, then that is refused and nothing is named
    batch = Batch()
    blob = batch.add(b"never synced")
    with pytest.raises(RuntimeError, match="no reference precedes its bytes"), transaction.atomic():
        batch.record()
    assert not Blob.objects.filter(pk=blob.id).exists()


def test_p2_a_deleted_segment_names_each_document_it_held(world: World, home: Home) -> None:
    import json

    # given a segment that somebody deleted
    blob = _blob_of(world)
    (home.vault / blob.segment_id).unlink()
    # when the vault is verified for a program
    done = postroom("vault", "verify", "--json")
    # then the segment, the blob and the document's number are told, and it ends with 8
    told = json.loads(done.stdout)
    assert done.returncode == 8
    assert (told["whole"], told["missing_segments"]) == (False, [blob.segment_id])
    assert world.number in {number for fault in told["damaged"] for number in fault["documents"]}
    assert str(blob.pk) in {fault["blob"] for fault in told["damaged"]}
