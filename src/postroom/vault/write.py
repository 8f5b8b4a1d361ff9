"""Writing: append to this process's own segment, sync once, then (in the caller's transaction) the rows.

No reference precedes its bytes: ``Batch.sync`` comes before ``Batch.record``. A crash in between leaves frames that no
row names; ``verify`` counts them, and they are never served.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import threading
import uuid
from typing import NamedTuple

import zstandard
from django.conf import settings
from django.db import connection

from postroom.kernel import clock, failpoints, registry
from postroom.kernel.home import home
from postroom.kernel.ids import new_id
from postroom.kernel.packed import copy_packed, fixed, row
from postroom.kernel.packed import text as named_by
from postroom.kernel.rows import new_ids
from postroom.vault import crypto, frames, keys
from postroom.vault.errors import DiskFull
from postroom.vault.models import Blob, Segment
from postroom.vault.spec import SegmentFile, Store

_BLOB_COLUMNS = ("id", "sha256", "size", "segment_id", "offset", "stored_size", "codec")
_ROW, _CONTENT, _PLACE = row(len(_BLOB_COLUMNS)), fixed(16, 32, "q"), fixed("q", "q", "h")
#: Frames are handed to the system together: a call for each of the three small ones of a document would show.
_TOGETHER = 256 << 10
#: Ids and data keys drawn at once.
_DRAWN = 48


class StoredBlob(NamedTuple):
    """A blob that has been appended; it may be referenced once its batch is synced and recorded."""

    id: uuid.UUID
    sha256: bytes
    size: int


def store() -> Store:
    """The store segments are written to."""
    made: Store = registry.provider("stores", "local")(home().vault)
    return made


class _Writer:
    """This thread's open segment. A segment has one writer for life; a restart opens a new one."""

    def __init__(self) -> None:
        self._file: SegmentFile | None = None
        self._size = 0
        self.compressor = zstandard.ZstdCompressor(level=frames.LEVEL)

    def file(self) -> SegmentFile:
        if self._file is not None and self._size >= settings.CONFIG.segment_bytes:
            full, self._file = self._file, None  # whatever fails from here on, nothing is written behind a closed end
            full.close()
            failpoints.reach("after-close")
            Segment.objects.filter(name=full.name).update(sealed_at=clock.now())
        if self._file is None:
            if connection.in_atomic_block:
                raise RuntimeError("a segment's row must outlive the caller's transaction: add blobs before it begins")
            name = f"{new_id().hex}.seg"
            # Committed by itself, before any blob row refers to it.
            opened = store().create(name)
            try:
                opened.append(frames.SEGMENT_HEADER)
                Segment.objects.create(name=name, created_at=clock.now())
            except BaseException:
                with contextlib.suppress(OSError):  # no row names it: an empty file, and what went wrong is told
                    opened.close()
                raise
            self._file, self._size = opened, len(frames.SEGMENT_HEADER)
        return self._file

    def append(self, data: bytes) -> tuple[str, int]:
        opened = self.file()
        try:
            offset = opened.append(data)
        except BaseException:
            self.abandon()  # a torn frame may be at its end: nothing goes behind it
            raise
        self._size += len(data)
        return opened.name, offset

    def abandon(self) -> None:
        if self._file is not None:
            left, self._file = self._file, None
            with contextlib.suppress(OSError):  # what went wrong is being told already
                left.close()


_LOCAL = threading.local()


def _writer() -> _Writer:
    writer: _Writer | None = getattr(_LOCAL, "writer", None)
    if writer is None:
        writer = _LOCAL.writer = _Writer()
    return writer


def _packer(owner: str) -> tuple[int, zstandard.ZstdCompressor] | None:
    from postroom.vault.dictionary import packer  # a dictionary is a blob, written by this module

    return packer(owner) if owner else None


class Batch:
    """Blobs that become durable together. Not inside a transaction until ``record``:

    ``batch = Batch(); a = batch.add(pdf); b = batch.add(data); batch.sync()``, then in the transaction
    ``batch.record()``. ``packed_like`` names the owner of a dictionary the contents have much in common with.
    """

    def __init__(self, packed_like: str = "") -> None:
        self._rows: list[bytes] = []
        self._data_keys: list[tuple[uuid.UUID, bytes]] = []
        self._waiting: list[tuple[frames.Frame, int]] = []
        self._pending: list[bytes] = []
        self._size = 0
        self._ids: list[uuid.UUID] = []
        self._drawn = b""
        self._writer = _writer()
        keys.ready()
        self._dictionary, self._compressor = _packer(packed_like) or (0, self._writer.compressor)
        free = shutil.disk_usage(home().prepare().vault).free
        if free < settings.CONFIG.disk_reserve:
            raise DiskFull(
                f"The disk of the vault has {free >> 20} MiB left, below the reserve of "
                f"{settings.CONFIG.disk_reserve >> 20} MiB.",
                hint="Free space on the disk of POSTROOM_HOME; the work goes on by itself.",
            )

    def add(self, content: bytes) -> StoredBlob:
        """Append ``content``. It is neither durable nor to be referenced before ``sync`` and ``record``."""
        if not self._ids:
            self._writer.file()  # says so at once when there is a transaction already
            self._ids = new_ids(_DRAWN)
            self._drawn = os.urandom(_DRAWN * crypto.KEY_BYTES)
        blob_id = self._ids.pop()
        at = len(self._ids) * crypto.KEY_BYTES
        data_key = self._drawn[at : at + crypto.KEY_BYTES]
        head, stored, frame = frames.packed(blob_id, content, self._compressor, data_key, self._dictionary)
        size = len(content)
        self._pending += head, stored
        self._size += len(head) + len(stored)
        self._waiting.append((frame, size))
        self._data_keys.append((blob_id, data_key))
        if self._size >= _TOGETHER:
            self._flush()
        return StoredBlob(blob_id, frame.sha256, size)

    def _flush(self) -> None:
        """Append what waits; only now each frame has a place."""
        if not self._waiting:
            return
        segment, offset = self._writer.append(b"".join(self._pending))
        reach, within = failpoints.reach, named_by(segment)
        for (blob_id, digest, codec, _, stored_size), size in self._waiting:
            content = _CONTENT.pack(16, blob_id.bytes, 32, digest, 8, size)
            self._rows.append(_ROW + content + within + _PLACE.pack(8, offset, 8, stored_size, 2, codec))
            offset += frames.FRAME_SIZE + stored_size
            reach("after-append")
        self._waiting.clear()
        self._pending.clear()
        self._size = 0

    def sync(self) -> None:
        """One fdatasync for all."""
        self._flush()
        if self._rows:
            try:
                self._writer.file().sync()
            except OSError as error:
                self._writer.abandon()
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise DiskFull(
                        "There is no room left on the disk of the vault.",
                        hint="Free space on the disk of POSTROOM_HOME; the work goes on by itself.",
                    ) from error
                raise
            failpoints.reach("after-fsync")

    def record(self) -> None:
        """Write the rows and the wrapped keys, inside the caller's transaction, after ``sync``."""
        if self._waiting:
            raise RuntimeError("no reference precedes its bytes: sync the batch before its rows are written")
        copy_packed(Blob, _BLOB_COLUMNS, self._rows)
        keys.record(self._data_keys)


def forget_writers_after_fork() -> None:
    """A child must not append to its parent's segment."""
    _LOCAL.writer = None
    keys.forget()
    if dictionaries := sys.modules.get("postroom.vault.dictionary"):
        dictionaries.forget()


os.register_at_fork(after_in_child=forget_writers_after_fork)
