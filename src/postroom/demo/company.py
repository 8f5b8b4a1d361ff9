"""The sample company: Lindqvist & Daughters, Offset Printers, Malmö, since 1931, in November 2026.

Everything is invented, seeded and dated, so that every demo, test and picture shows the same papers. Some records are
bad on purpose: the demo has to show that the rest goes on without them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postroom.demo import invoices, reminders, statements
from postroom.demo.people import USERS, Customer, User, read

__all__ = [
    "BLOCKS",
    "BRAND",
    "LETTERS",
    "TEMPLATES",
    "USERS",
    "Counts",
    "Customer",
    "User",
    "customers",
    "write_invoices",
    "write_reminders",
    "write_statements",
]

#: Folders of the company's templates: ``TEMPLATES / "invoice"`` and so on.
TEMPLATES = Path(__file__).with_name("templates")
#: Letters of its order office, the content blocks they share, and the brand they name: the demo's alone.
LETTERS = Path(__file__).with_name("letters")
BLOCKS = Path(__file__).with_name("data") / "blocks.json"
BRAND = "lindqvist"


@dataclass(frozen=True, slots=True)
class Counts:
    """What was written: all lines, and how many of them are bad on purpose."""

    total: int
    bad: int


def customers() -> list[Customer]:
    """The forty customers."""
    return read()


def write_invoices(path: Path) -> Counts:
    """Two hundred invoices of October and November 2026, one JSON object a line."""
    return _write(path, invoices.records(customers()))


def write_statements(path: Path) -> Counts:
    """Sixty account statements of five pages."""
    return _write(path, statements.records(customers()))


def write_reminders(path: Path) -> Counts:
    """Twelve reminders of all three levels."""
    return _write(path, reminders.records(customers()))


def _write(path: Path, records: Iterable[tuple[dict[str, Any] | str, bool]]) -> Counts:
    """Write records (or, for a line that is no JSON, the line itself) with LF and no spaces."""
    total = bad = 0
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        for record, is_bad in records:
            text = record if isinstance(record, str) else json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            lines.write(f"{text}\n")
            total += 1
            bad += is_bad
    return Counts(total, bad)
