"""The format of a segment: a header, then frames, each readable without the database.

Segment header, 16 bytes: ``b"POSTROOM-SEG\\x00"``, version (1 byte), two zero bytes.
Frame header, 64 bytes, big-endian: magic ``b"PRF1"``, codec (u8), three zero bytes, id (16), SHA-256 of the content
(32), stored size (u64). The stored bytes follow. A crash leaves at most a torn last frame, which ``scan`` recognises.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import zstandard

SEGMENT_HEADER = b"POSTROOM-SEG\x00\x01\x00\x00"
_FRAME = struct.Struct(">4sB3x16s32sQ")
_MAGIC = b"PRF1"
FRAME_SIZE = _FRAME.size

PLAIN, ZSTD = 0, 1
#: PDF streams are deflated already; below this gain compressing costs more than it saves.
_WORTH = 0.95
_MAX_CONTENT = 1 << 31


@dataclass(frozen=True, slots=True)
class Frame:
    """One blob as it lies in a segment. ``offset`` is where its header starts."""

    id: uuid.UUID
    sha256: bytes
    codec: int
    offset: int
    stored_size: int


def pack(blob_id: uuid.UUID, content: bytes, compressor: zstandard.ZstdCompressor) -> tuple[bytes, Frame, int]:
    """Header and stored bytes of ``content``; the frame's offset is filled in by the writer."""
    digest = hashlib.sha256(content).digest()
    stored, codec = content, PLAIN
    if len(content) > 64:
        packed = compressor.compress(content)
        if len(packed) < len(content) * _WORTH:
            stored, codec = packed, ZSTD
    head = header(blob_id, digest, codec, len(stored))
    return head + stored, Frame(blob_id, digest, codec, 0, len(stored)), len(content)


def header(blob_id: uuid.UUID, digest: bytes, codec: int, stored_size: int) -> bytes:
    """The header of a frame."""
    return _FRAME.pack(_MAGIC, codec, blob_id.bytes, digest, stored_size)


def unpack(stored: bytes, codec: int) -> bytes:
    """The content of stored bytes. Raises ValueError when they cannot be decoded."""
    if codec == PLAIN:
        return stored
    if codec == ZSTD:
        try:
            return zstandard.ZstdDecompressor().decompress(stored, max_output_size=_MAX_CONTENT)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
    raise ValueError(f"codec {codec} is unknown to this version")


def scan(read: Callable[[int, int], bytes], size: int) -> Iterator[Frame]:
    """Frames of a segment from its headers alone. Stops at the first torn or foreign header."""
    offset = len(SEGMENT_HEADER)
    while offset + FRAME_SIZE <= size:
        magic, codec, blob_id, digest, stored_size = _FRAME.unpack(read(offset, FRAME_SIZE))
        if magic != _MAGIC or offset + FRAME_SIZE + stored_size > size:
            return
        yield Frame(uuid.UUID(bytes=blob_id), digest, codec, offset, stored_size)
        offset += FRAME_SIZE + stored_size
