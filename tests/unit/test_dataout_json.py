"""A data output as one JSON array: what it holds is read back by any reader, with the digits it came with."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import pytest

from postroom.composition.dataout.layout import Layout, read_layout
from postroom.composition.dataout.writers import MEDIA, writer

LAYOUT = b"""
name: Feed
format: json
columns:
  - {head: Number, field: number}
  - {head: Amount, field: total, as: number}
  - {head: Paid, field: paid, as: flag}
"""


def layout() -> Layout:
    found, faults = read_layout("layouts/feed.yaml", "feed", LAYOUT)
    assert found is not None and faults == []
    return found


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_become_one_array(count: int) -> None:
    out = io.BytesIO()
    made = writer(layout(), out)
    for number in range(count):
        made.write([f"A-{number}\n\u201cquoted\u201d", Decimal("12.50"), None if number else True])
    made.close()
    # then it is one document, whatever the number of rows, and no cent is lost
    found = json.loads(out.getvalue(), parse_float=Decimal)
    assert [row["Number"] for row in found] == [f"A-{number}\n\u201cquoted\u201d" for number in range(count)]
    assert all(str(row["Amount"]) == "12.50" for row in found)
    assert [row["Paid"] for row in found] == [True, None, None][:count]


def test_the_file_says_what_it_is() -> None:
    assert layout().file_name("R-2026-0001") == "feed-R-2026-0001.json" and MEDIA["json"] == "application/json"
