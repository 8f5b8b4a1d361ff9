"""Reading a record by business term: what stands where the layout says, exact, and the place of each fault."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from postroom.composition.einvoice.layout import ADDRESSES, LISTS, ROWS, WHOLE, EInvoice
from postroom.composition.paths import look, split
from postroom.composition.problems import RecordProblem


@dataclass
class Reader:
    """``row``: a row of a list in place of the record, and ``at`` its place in it, such as ``lines[2]``."""

    layout: EInvoice
    record: dict[str, Any]
    problems: list[RecordProblem] = field(default_factory=list)

    def paths(self) -> dict[str, str]:
        """Term to JSON path, ``[*]`` for the row of a list."""
        told = {}
        for term in (*WHOLE, *ADDRESSES, *LISTS):
            source = self.layout.source(term)
            if not source.startswith("="):
                told[term] = f"$.{source}"
        for group, terms in ROWS.items():
            told |= {term: f"{told[group]}[*].{self.layout.source(term)}" for term in terms if group in told}
        where = told["BG-8"]
        told |= {"BT-50": f"{where}.lines", "BT-52": f"{where}.city", "BT-53": f"{where}.postal_code"}
        told["BT-55"] = f"{where}.country"
        return told

    def raw(self, term: str, row: dict[str, Any] | None = None) -> Any:
        source = self.layout.source(term)
        if source.startswith("="):
            return source[1:]
        return look(self.record if row is None else row, split(source))

    def text(self, term: str, row: dict[str, Any] | None = None) -> str:
        value = self.raw(term, row)
        if isinstance(value, list):
            return "\n".join(" ".join(str(one).split()) for one in value)
        return "" if value is None else " ".join(str(value).split())

    def number(self, term: str, at: str = "", row: dict[str, Any] | None = None) -> Decimal | None:
        value = self.raw(term, row)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, bool | float):
                raise InvalidOperation
            found = Decimal(value)
            if found.is_finite():
                return found
        except (InvalidOperation, TypeError, ValueError):
            pass
        self.stop(term, at, f"{value!r} is no exact number ({term}).", 'Write it as a text such as "12.50" (P9).')
        return None

    def day(self, term: str, at: str = "", row: dict[str, Any] | None = None) -> dt.date | None:
        value = self.raw(term, row)
        if not value:
            return None
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.stop(term, at, f"{value!r} is no date ({term}).", "Write year-month-day, such as 2026-11-12.")
            return None

    def each(self, term: str, row: dict[str, Any] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        found = self.raw(term, row)
        for index, one in enumerate(found if isinstance(found, list) else ()):
            if isinstance(one, dict):
                yield f"{self.layout.source(term)}[{index}]", one

    def stop(self, term: str, at: str, reason: str, hint: str) -> None:
        source = self.layout.source(term).removeprefix("=")
        path = f"$.{at}.{source}" if at else f"$.{source}"
        self.problems.append(RecordProblem("einvoice-" + term.lower(), path, reason, hint))
