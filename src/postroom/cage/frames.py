"""The wire between a cell and its keeper: length-prefixed frames of JSON and raw bytes. Never pickle (P10).

A frame is ``<u32 length of JSON> <u32 number of blobs> <u64 length of each blob>.. <JSON> <blob>..``, little-endian.
What a cell sends is foreign: sizes are checked before memory is set aside for them.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

from postroom.kernel.json_text import writer

_HEAD = struct.Struct("<II")
MAX_JSON = 128 << 20
MAX_BLOBS = 4096
MAX_BYTES = 1 << 30

_write = writer()


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


class Reader:
    """Gathers bytes in any portions and gives whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need = _HEAD.size

    def feed(self, portion: bytes | memoryview) -> None:
        self._buffer += portion

    def take(self) -> tuple[Any, tuple[bytes, ...]] | None:
        """The next whole frame as (value, blobs), or None. Raises BrokenFrame."""
        buffer = self._buffer
        if len(buffer) < self._need:
            return None
        length, count = _HEAD.unpack_from(buffer)
        if length > MAX_JSON or count > MAX_BLOBS:
            raise BrokenFrame(f"a frame of {length} bytes JSON and {count} blobs")
        start = _HEAD.size + 8 * count
        if len(buffer) < start:
            self._need = start
            return None
        sizes = struct.unpack_from(f"<{count}Q", buffer, _HEAD.size)
        total = start + length + sum(sizes)
        if total > MAX_BYTES:
            raise BrokenFrame(f"a frame of {total} bytes")
        if len(buffer) < total:
            self._need = total
            return None
        with memoryview(buffer) as view:
            try:
                value = json.loads(str(view[start : start + length], "utf-8"))
            except (ValueError, RecursionError) as error:
                raise BrokenFrame(f"not JSON: {error}") from error
            blobs, at = [], start + length
            for size in sizes:
                blobs.append(bytes(view[at : at + size]))
                at += size
        del buffer[:total]
        self._need = _HEAD.size
        return value, tuple(blobs)
