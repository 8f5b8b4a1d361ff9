"""Rows as CSV, JSON, JSON lines, XML or XLSX, one after the other: memory does not grow with them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import BinaryIO, Protocol
from xml.sax.saxutils import escape

from postroom.composition.dataout.layout import DATES, Column, Layout
from postroom.composition.dataout.rows import NotWritable, Value, number_text
from postroom.composition.dataout.xlsx import XlsxWriter

MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "xml": "application/xml",
}
#: What a spreadsheet takes for the beginning of a formula. Put behind an apostrophe it is text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Writer(Protocol):
    """Takes rows; ``close`` ends the file. Raises NotWritable."""

    def write(self, row: Sequence[Value]) -> None: ...
    def close(self) -> None: ...


def writer(layout: Layout, out: BinaryIO) -> Writer:
    """The writer of a layout onto ``out``, which need not be able to seek."""
    match layout.format:
        case "csv":
            return CsvWriter(layout, out)
        case "xlsx":
            return XlsxWriter(layout, out)
        case "json":
            return JsonWriter(layout, out)
        case "jsonl":
            return JsonLinesWriter(layout, out)
        case _:
            return XmlWriter(layout, out)


class _Encoded:
    """Text onto ``out`` in the layout's encoding; a sign it lacks is named."""

    def __init__(self, layout: Layout, out: BinaryIO) -> None:
        self._layout, self._out = layout, out
        self._text = io.TextIOWrapper(out, encoding=layout.encoding, newline="", write_through=False)

    def put(self, text: str) -> None:
        try:
            self._text.write(text)
        except UnicodeEncodeError as error:
            sign = error.object[error.start]
            raise NotWritable(
                f"The encoding {self._layout.encoding} has no sign {sign!r} (U+{ord(sign):04X}).",
                hint="Write encoding: utf-8 in the layout.",
            ) from error

    def end(self) -> None:
        self._text.flush()
        self._text.detach()


class CsvWriter:
    """RFC 4180 with the layout's delimiter. With ``guard``, text that begins like a formula gets an apostrophe."""

    def __init__(self, layout: Layout, out: BinaryIO) -> None:
        self._layout, self._out, self._line = layout, _Encoded(layout, out), io.StringIO(newline="")
        self._csv = csv.writer(self._line, delimiter=layout.delimiter, lineterminator="\r\n")
        if layout.header:
            self._row([column.head for column in layout.columns])

    def write(self, row: Sequence[Value]) -> None:
        """One row."""
        self._row([self._shown(column, value) for column, value in zip(self._layout.columns, row, strict=True)])

    def close(self) -> None:
        """Flush what waits."""
        self._out.end()

    def _row(self, cells: Sequence[str]) -> None:
        self._csv.writerow(cells)
        self._out.put(self._line.getvalue())
        self._line.seek(0)
        self._line.truncate()

    def _shown(self, column: Column, value: Value) -> str:
        text = shown(column, value)
        if isinstance(value, Decimal):
            return text.replace(".", self._layout.decimal)
        if self._layout.guard and column.constant is None and text.startswith(_FORMULA):
            return f"'{text}"
        return text


class JsonLinesWriter:
    """One object a line; numbers with the digits they came with."""

    def __init__(self, layout: Layout, out: BinaryIO) -> None:
        self._layout, self._out = layout, _Encoded(layout, out)
        self._names = [json.dumps(column.head, ensure_ascii=False) for column in layout.columns]

    def write(self, row: Sequence[Value]) -> None:
        """One line."""
        self._out.put(f"{self._object(row)}\n")

    def close(self) -> None:
        """Flush what waits."""
        self._out.end()

    def _object(self, row: Sequence[Value]) -> str:
        pairs = zip(self._names, self._layout.columns, row, strict=True)
        return "{" + ", ".join(f"{name}: {_json(column, value)}" for name, column, value in pairs) + "}"


class JsonWriter(JsonLinesWriter):
    """The same objects as one array (RFC 8259), one a line, so that no row has to wait for the last."""

    def __init__(self, layout: Layout, out: BinaryIO) -> None:
        super().__init__(layout, out)
        self._before = "[\n"

    def write(self, row: Sequence[Value]) -> None:
        """One object."""
        self._out.put(f"{self._before}{self._object(row)}")
        self._before = ",\n"

    def close(self) -> None:
        """End the array; of no rows it is an empty one."""
        self._out.put("[]\n" if self._before == "[\n" else "\n]\n")
        self._out.end()


class XmlWriter:
    """A root, a record element for each row, and in it an element for each column that has a value."""

    def __init__(self, layout: Layout, out: BinaryIO) -> None:
        self._layout, self._out = layout, _Encoded(layout, out)
        told = layout.encoding.upper().replace("CP", "windows-").replace("UTF-8-SIG", "UTF-8")
        self._out.put(f'<?xml version="1.0" encoding="{told}"?>\n<{layout.root}>\n')

    def write(self, row: Sequence[Value]) -> None:
        """One record."""
        inner = "".join(
            f"<{column.head}>{escape(_clean(shown(column, value)))}</{column.head}>"
            for column, value in zip(self._layout.columns, row, strict=True)
            if value is not None
        )
        self._out.put(f"<{self._layout.record}>{inner}</{self._layout.record}>\n")

    def close(self) -> None:
        """End the root."""
        self._out.put(f"</{self._layout.root}>\n")
        self._out.end()


def shown(column: Column, value: Value) -> str:
    """A value as text; nothing for none."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return number_text(column, value)
        case dt.date():
            return value.strftime(DATES[column.date])
        case _:
            return value


def _json(column: Column, value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(column, value)
    return json.dumps(shown(column, value), ensure_ascii=False)


def _clean(text: str) -> str:
    """Without the control characters that XML 1.0 has no form for."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n\r")
