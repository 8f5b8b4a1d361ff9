"""Rows as COPY reads them in its binary form: nothing is written as text here to be read as text there.

A row is ``row(count)`` and then its fields, each with its length in front (PostgreSQL, COPY, "Binary Format"). A third
of what COPY cost the server was reading ids and digests from their digits. Where several fields of fixed size stand
together, ``struct.Struct`` writes them at once, with ``fixed`` for its format.

The server holds each field against its column and refuses what has another size; it does not convert.
"""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from collections.abc import Sequence

from django.db import connection, models

from postroom.kernel.rows import copying

_HEAD, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_LENGTH, _COUNT = struct.Struct(">i"), struct.Struct(">h")
_SMALL, _WHOLE, _LARGE = struct.Struct(">ih"), struct.Struct(">ii"), struct.Struct(">iq")
_ID, _JSON = _LENGTH.pack(16), b"\x01"
#: Moments are kept as microseconds since then.
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

#: A field without a value.
NULL = _LENGTH.pack(-1)


def copy_packed(model: type[models.Model], columns: Sequence[str], rows: Sequence[bytes]) -> None:
    """Write rows in one message, inside this transaction. Nothing is asked of the database when there is no row."""
    if not rows:
        return
    data = b"".join((_HEAD, *rows, _END))
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"{copying(model, columns)} (FORMAT binary)") as copy,
    ):
        copy.write(data)


def fixed(*sizes: int | str) -> struct.Struct:
    """A struct of fields of fixed size: a number for so many bytes, ``h``, ``i``, ``q`` for numbers of 2, 4, 8 bytes.
    Each takes two arguments: its size in bytes, and its value."""
    return struct.Struct(">" + "".join(f"i{each}s" if isinstance(each, int) else f"i{each}" for each in sizes))


def row(count: int) -> bytes:
    """The beginning of a row of ``count`` fields."""
    return _COUNT.pack(count)


def octets(value: bytes) -> bytes:
    """A field of bytes; a text that is encoded already is one too."""
    return _LENGTH.pack(len(value)) + value


def text(value: str) -> bytes:
    """A field of text."""
    data = value.encode()
    return _LENGTH.pack(len(data)) + data


def ident(value: uuid.UUID | None) -> bytes:
    """A field of an id."""
    return NULL if value is None else _ID + value.bytes


def json(value: bytes) -> bytes:
    """A field of JSONB, from JSON."""
    return _LENGTH.pack(len(value) + 1) + _JSON + value


def small(value: int) -> bytes:
    """A field of two bytes."""
    return _SMALL.pack(2, value)


def whole(value: int) -> bytes:
    """A field of four bytes."""
    return _WHOLE.pack(4, value)


def large(value: int) -> bytes:
    """A field of eight bytes."""
    return _LARGE.pack(8, value)


def truth(value: bool) -> bytes:
    """A field of yes or no."""
    return _LENGTH.pack(1) + (b"\x01" if value else b"\x00")


def moment(value: dt.datetime) -> bytes:
    """A field of a moment. It has to know its offset."""
    return large((value - _EPOCH) // _MICROSECOND)
