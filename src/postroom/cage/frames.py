"""The wire between a cell and its keeper: length-prefixed frames of JSON and raw bytes. Never pickle (P10).

A frame is ``<u32 length of JSON> <u32 number of blobs> <u64 length of each blob>.. <JSON> <blob>..``, little-endian.
What a cell sends is foreign: sizes are checked before memory is set aside for them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from postroom.kernel.json_text import reader, writer

_HEAD = struct.Struct("<II")
MAX_JSON = 128 << 20
MAX_BLOBS = 4096
MAX_BYTES = 1 << 30

_write, _read = writer(), reader()


#: Bytes taken from the wire at once. Where they go is kept: new room for each portion would be asked of the system.
PORTION = 1 << 17


class BrokenFrame(Exception):
    """The other side does not speak this protocol (any more)."""


def encode(value: Any, blobs: Sequence[bytes] = ()) -> bytes:
    """One frame. Raises TypeError or ValueError for a value that JSON cannot carry exactly (Decimal, NaN)."""
    text = _write(value).encode()
    if not blobs:
        return _HEAD.pack(len(text), 0) + text
    sizes = struct.pack(f"<{len(blobs)}Q", *map(len, blobs))
    return b"".join((_HEAD.pack(len(text), len(blobs)), sizes, text, *blobs))


def plain(value: Any) -> bytes:
    """A plain value as JSON, to be a blob of a frame: for what the cell passes on as text and need not take apart.

    Raises TypeError or ValueError like ``encode``."""
    return _write(value).encode()


class Reader:
    """Gathers bytes in any portions and gives whole frames.

    The wire writes straight into ``room`` and says how much ``came``; a frame is copied once, out of here. The room is
    kept from frame to frame and grows only with bytes that have come, never with what a frame claims to be.
    """

    def __init__(self) -> None:
        self._room = memoryview(bytearray(2 * PORTION))
        self._start = self._end = 0
        self._need = _HEAD.size

    def room(self) -> memoryview:
        """Where the next bytes go."""
        size = len(self._room)
        if self._start == self._end:
            self._start = self._end = 0
            if size > 2 * PORTION:  # a large frame came through; what it needed is given back
                self._room = memoryview(bytearray(2 * PORTION))
        elif size - self._end < PORTION:
            kept = self._room[self._start : self._end]
            if size - len(kept) < PORTION:
                self._room = memoryview(bytearray(2 * size))
            self._room[: len(kept)] = bytes(kept)  # the two may overlap
            self._start, self._end = 0, len(kept)
        return self._room[self._end :]

    def came(self, count: int) -> None:
        """So many bytes were written into ``room``."""
        self._end += count

    def feed(self, portion: bytes | memoryview) -> None:
        """Bytes that lie elsewhere."""
        rest = memoryview(portion)
        while rest:
            room = self.room()
            count = min(len(room), len(rest))
            room[:count] = rest[:count]
            self.came(count)
            rest = rest[count:]

    def take(self) -> tuple[Any, tuple[bytes, ...]] | None:
        """The next whole frame as (value, blobs), or None. Raises BrokenFrame."""
        first, there = self._start, self._end - self._start
        if there < self._need:
            return None
        length, count = _HEAD.unpack_from(self._room, first)
        if length > MAX_JSON or count > MAX_BLOBS:
            raise BrokenFrame(f"a frame of {length} bytes JSON and {count} blobs")
        start = _HEAD.size + 8 * count
        if there < start:
            self._need = start
            return None
        sizes = struct.unpack_from(f"<{count}Q", self._room, first + _HEAD.size)
        total = start + length + sum(sizes)
        if total > MAX_BYTES:
            raise BrokenFrame(f"a frame of {total} bytes")
        if there < total:
            self._need = total
            return None
        at = first + start
        try:
            value = _read(str(self._room[at : at + length], "utf-8"))
        except (ValueError, RecursionError) as error:
            raise BrokenFrame(f"not JSON: {error}") from error
        at += length
        blobs = []
        for size in sizes:
            blobs.append(bytes(self._room[at : at + size]))
            at += size
        self._start += total
        self._need = _HEAD.size
        return value, tuple(blobs)
