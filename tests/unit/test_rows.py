"""Lines of COPY and ids in bulk mean what the slow ways mean."""

from __future__ import annotations

import datetime as dt
import functools
import operator
import uuid

from postroom.kernel.rows import NULL, line, moment, new_ids, new_octets, octets, text


def test_a_line_escapes_what_copy_would_take_for_its_own() -> None:
    # given a text with everything COPY's format gives a meaning to, when it is a value of a line
    made = line(text("a\\b\tc\nd\re"), 7, None, octets(b"\x00\xff"))
    # then none of it ends the value or the line
    assert made.split("\t") == ["a\\\\b\\tc\\nd\\re", "7", NULL, "\\\\x00ff"]
    assert text("nothing to do: ÅßÆ") == "nothing to do: ÅßÆ"
    assert text("\\N") == "\\\\N", "a text that looks like a null stays a text"
    assert moment(dt.datetime(2026, 11, 12, 8, tzinfo=dt.UTC)) == "2026-11-12T08:00:00+00:00"


def test_ids_in_bulk_are_of_version_7_and_distinct() -> None:
    made = new_ids(2000)
    assert len(set(made)) == 2000
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert uuid.UUID(str(made[0])) == made[0]
    assert {made[0]: 1}[uuid.UUID(made[0].hex)] == 1 and repr(made[0]).startswith("UUID(")
    told = [uuid.UUID(bytes=one) for one in new_octets(2000)]
    assert len(set(told)) == 2000 and {(one.version, one.variant) for one in told} == {(7, uuid.RFC_4122)}
    # and every random bit is drawn: each of them is set in some and not in others
    random = (0xFFF << 64) | ((1 << 62) - 1)
    ones = [one.int & random for one in (*made, *told)]
    assert functools.reduce(operator.or_, ones) == random and functools.reduce(operator.and_, ones) == 0
    assert abs((made[0].int >> 80) / 1000 - dt.datetime.now(dt.UTC).timestamp()) < 5
