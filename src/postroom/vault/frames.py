"""The format of a segment: a header, then frames, each readable without the database.

Segment header, 16 bytes: ``b"POSTROOM-SEG\\x00"``, version (1 byte), two zero bytes.
Frame header, 64 bytes, big-endian: magic ``b"PRF1"``, codec (u8), three zero bytes, id (16), SHA-256 of the content
(32), stored size (u64). The stored bytes follow. A crash leaves at most a torn last frame, which ``scan`` recognises.

Codec: 0 as it is, 1 zstd (RFC 8878), 2 the number of a dictionary (u32) and zstd with it; plus 0x80 when the stored
bytes are sealed (``crypto``), bound to the 64 bytes of the header. First compressed, then sealed.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from collections.abc import Callable, Iterator
from typing import NamedTuple

import zstandard

from postroom.vault import crypto

SEGMENT_HEADER = b"POSTROOM-SEG\x00\x01\x00\x00"
_FRAME = struct.Struct(">4sB3x16s32sQ")
_NUMBER = struct.Struct(">I")
_MAGIC = b"PRF1"
FRAME_SIZE = _FRAME.size

PLAIN, ZSTD, ZSTD_DICTIONARY = 0, 1, 2
#: Added to the codec of bytes that are sealed.
ENCRYPTED = 0x80
#: Of a PDF, level 3 stores one byte in a hundred less for more than twice the time (docs/performance.md).
LEVEL = 1
#: PDF streams are deflated already; below this gain compressing costs more than it saves.
_WORTH = 0.95
_MAX_CONTENT = 1 << 31


class Frame(NamedTuple):
    """One blob as it lies in a segment. ``offset`` is where its header starts."""

    id: uuid.UUID
    sha256: bytes
    codec: int
    offset: int
    stored_size: int


def pack(
    blob_id: uuid.UUID,
    content: bytes,
    compressor: zstandard.ZstdCompressor,
    data_key: bytes | None = None,
    dictionary: int = 0,
) -> tuple[bytes, Frame, int]:
    """Header and stored bytes of ``content``; the frame's offset is filled in by the writer.

    ``dictionary`` is the number of the one the compressor has; with a ``data_key`` the bytes are sealed.
    """
    head, stored, frame = packed(blob_id, content, compressor, data_key, dictionary)
    return head + stored, frame, len(content)


def packed(
    blob_id: uuid.UUID,
    content: bytes,
    compressor: zstandard.ZstdCompressor,
    data_key: bytes | None = None,
    dictionary: int = 0,
) -> tuple[bytes, bytes, Frame]:
    """As ``pack``, header and stored bytes apart: the writer puts many together and copies them once."""
    digest = hashlib.sha256(content).digest()
    stored, codec = content, PLAIN
    if len(content) > 64:
        packed = compressor.compress(content)
        if len(packed) < len(content) * _WORTH:
            stored, codec = (_NUMBER.pack(dictionary) + packed, ZSTD_DICTIONARY) if dictionary else (packed, ZSTD)
    if data_key is not None:
        codec |= ENCRYPTED
        head = header(blob_id, digest, codec, len(stored) + crypto.TAG_BYTES)
        stored = crypto.seal(data_key, stored, head)
    else:
        head = header(blob_id, digest, codec, len(stored))
    return head, stored, Frame(blob_id, digest, codec, 0, len(stored))


def header(blob_id: uuid.UUID, digest: bytes, codec: int, stored_size: int) -> bytes:
    """The header of a frame."""
    return _FRAME.pack(_MAGIC, codec, blob_id.bytes, digest, stored_size)


def unpack(
    stored: bytes, codec: int, dictionary: Callable[[int], zstandard.ZstdCompressionDict] | None = None
) -> bytes:
    """The content of stored bytes that are not sealed (any more). Raises ValueError when they cannot be decoded.

    ``dictionary`` finds a dictionary by its number.
    """
    if codec == PLAIN:
        return stored
    if codec == ZSTD or (codec == ZSTD_DICTIONARY and dictionary is not None):
        try:
            known = None
            if codec == ZSTD_DICTIONARY and dictionary is not None:
                known, stored = dictionary(_NUMBER.unpack_from(stored)[0]), stored[_NUMBER.size :]
            return zstandard.ZstdDecompressor(dict_data=known).decompress(stored, max_output_size=_MAX_CONTENT)
        except (zstandard.ZstdError, struct.error) as error:
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
