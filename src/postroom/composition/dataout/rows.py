"""A record as rows of values. Numbers are Decimal and never calculated with a float (P9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from postroom.composition.dataout.layout import Column, Layout
from postroom.composition.paths import look, split
from postroom.kernel.errors import BadInput
from postroom.kernel.money import round_amount

Value = str | Decimal | dt.date | bool | None


class NotWritable(BadInput):
    """A value does not fit its column."""

    code = "data-not-writable"
    title = "The data cannot be written in this layout"


def rows_of(layout: Layout, record: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[list[Value]]:
    """The rows of one record: one, or one for each row of its list. Raises NotWritable with column and value."""
    if layout.each is None:
        yield [_value(column, record, None, "", facts) for column in layout.columns]
        return
    for row in look(dict(record), split(layout.each)) or ():
        yield [_value(column, record, row, f"{layout.each}.", facts) for column in layout.columns]


def _value(
    column: Column, record: Mapping[str, Any], row: Any, below: str, facts: Mapping[str, Any]
) -> Value:  # fmt: skip
    if column.constant is not None:
        found: Any = column.constant
    elif column.fact is not None:
        found = facts[column.fact]
    elif below and column.field is not None and column.field.startswith(below):
        found = look(row, split(column.field[len(below) :]))
    else:
        found = look(dict(record), split(str(column.field)))
    if found is None or found == "":
        return None
    try:
        return _as(column, found)
    except (ValueError, InvalidOperation) as error:
        raise NotWritable(
            f"The column {column.head!r} is a {column.kind}, and the record {facts.get('number', '')} has {found!r}.",
            hint="Say as: text in the layout, or correct the contract.",
        ) from error


def _as(column: Column, found: Any) -> Value:
    match column.kind:
        case "number":
            number = Decimal(str(found))
            return number if column.decimals is None else round_amount(number, column.decimals)
        case "date":
            return dt.date.fromisoformat(str(found))
        case "flag":
            return found if isinstance(found, bool) else str(found).lower() == "true"
        case _:
            return str(found).lower() if isinstance(found, bool) else str(found)


def number_text(column: Column, number: Decimal) -> str:
    """Digits with a point, never an exponent."""
    return f"{number:.{column.decimals}f}" if column.decimals is not None else f"{number:f}"


class Sums:
    """The totals of the number columns, as a reader of the file would find them."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._of = {index: Decimal(0) for index, column in enumerate(columns) if column.kind == "number"}
        self._heads = {index: columns[index].head for index in self._of}

    def add(self, row: Sequence[Value]) -> None:
        for index in self._of:
            value = row[index]
            if isinstance(value, Decimal):
                self._of[index] += value

    def told(self) -> dict[str, str]:
        """Head to total."""
        return {self._heads[index]: f"{total:f}" for index, total in self._of.items()}
