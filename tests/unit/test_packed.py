"""Fields of COPY's binary form have the bytes PostgreSQL's documentation and sources give them."""

from __future__ import annotations

import datetime as dt
import uuid

from postroom.kernel import packed


def test_a_field_is_its_length_and_its_bytes() -> None:
    one = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    assert packed.ident(one) == b"\x00\x00\x00\x10" + one.bytes
    assert packed.ident(None) == packed.NULL == b"\xff\xff\xff\xff"
    assert packed.text("Å") == b"\x00\x00\x00\x02\xc3\x85"
    assert packed.octets(b"\x00\xff") == b"\x00\x00\x00\x02\x00\xff"
    assert packed.json(b"{}") == b"\x00\x00\x00\x03\x01{}"
    assert packed.small(-2) == b"\x00\x00\x00\x02\xff\xfe"
    assert packed.whole(1) == b"\x00\x00\x00\x04\x00\x00\x00\x01"
    assert packed.large(1) == b"\x00\x00\x00\x08" + bytes(7) + b"\x01"
    assert packed.truth(True) + packed.truth(False) == b"\x00\x00\x00\x01\x01\x00\x00\x00\x01\x00"
    assert packed.row(3) == b"\x00\x03"


def test_a_moment_is_microseconds_since_the_year_2000_wherever_its_clock_stands() -> None:
    at = dt.datetime(2000, 1, 1, 1, 0, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert packed.moment(at) == packed.large(5)
    assert packed.moment(dt.datetime(1999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)) == packed.large(-1_000_000)


def test_fields_of_fixed_size_are_packed_at_once_as_one_by_one() -> None:
    one = uuid.uuid4()
    made = packed.fixed(16, "h", "i", "q").pack(16, one.bytes, 2, 7, 4, 8, 8, 9)
    assert made == packed.ident(one) + packed.small(7) + packed.whole(8) + packed.large(9)
