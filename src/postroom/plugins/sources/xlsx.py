"""Excel workbooks (.xlsx, ECMA-376): the rows of one sheet below its header, read as a stream.

Formulas give the result that was stored with them. Dates come as ISO text, integers as int, other numbers as
Decimal of their shortest text. Dotted headers nest and ``group_by`` groups rows, as in CSV. Merged cells have
their value in the first cell. Blank rows are passed over; hidden rows are read like others.

Why our own reader: calamine holds the whole sheet in memory, and openpyxl holds all texts, reads half as many
rows per second, and does not tell a formula without a stored result from an empty cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.parsers import expat

from postroom.intake.spec import UnreadableFile
from postroom.plugins.sources._base import Flaw, StreamSource, Unit
from postroom.plugins.sources._sharedstrings import SharedStrings
from postroom.plugins.sources._sheet import SheetRow, SheetRows
from postroom.plugins.sources._table import Columns, Row, TableConfig, records
from postroom.plugins.sources._workbook import BROKEN_ZIP, CHUNK, Workbook
from postroom.plugins.sources._xmlrecords import guarded_parser


class XlsxConfig(TableConfig):
    """``sheet`` names the sheet, else it is the first visible one; ``header_row`` counts from 1, else it is the first
    row that is not blank. ``max_unpacked_bytes`` and ``max_ratio`` stop ZIP bombs; texts beyond
    ``strings_in_memory`` bytes are kept in a temporary file.
    """

    sheet: str = ""
    header_row: int = 0
    max_unpacked_bytes: int = 4 * 1024**3
    max_ratio: int = 200
    strings_in_memory: int = 32 * 1024**2


class XlsxSource(StreamSource):
    """Each row below the header is a record, or each group of rows."""

    name = "xlsx"
    suffixes = (".xlsx", ".xlsm")
    media_types = (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel.sheet.macroenabled.12",
    )
    Config = XlsxConfig

    config: XlsxConfig

    @classmethod
    def recognises(cls, head: bytes) -> int:
        """A ZIP archive whose first parts are those of Office."""
        if not head.startswith(b"PK\x03\x04"):
            return 0
        return 90 if b"xl/" in head else 60 if b"[Content_Types].xml" in head else 0

    def units(self, path: Path) -> Iterator[Unit]:
        config = self.config
        book = Workbook(path, max_unpacked=config.max_unpacked_bytes, max_ratio=config.max_ratio)
        strings = SharedStrings(config.strings_in_memory, config.max_record_bytes)
        with closing(book), closing(strings):
            part = book.sheet(config.sheet)
            if book.has(book.strings):
                book.parse(book.strings, strings.handlers)
                strings.finish()
            rows = self._rows(book, part, strings)
            for first in rows:
                if first.number >= config.header_row:
                    columns = _header(first, config.header_row)
                    yield from records((_row(row, columns) for row in rows), columns, config)

    def _rows(self, book: Workbook, part: str, strings: SharedStrings) -> Iterator[SheetRow]:
        limit = self.config.max_record_bytes
        parser = guarded_parser(None)
        parser.ordered_attributes = False
        sheet = SheetRows(parser, strings, book.date_styles, book.since_1904, limit)
        fed = 0
        reason = ""
        with book.open(part) as stream:
            while not reason:
                chunk = b""
                try:
                    chunk = stream.read(CHUNK)
                    parser.Parse(chunk, not chunk)
                except (*BROKEN_ZIP, expat.ExpatError) as error:
                    reason = str(error)
                yield from sheet.rows
                sheet.rows.clear()
                fed += len(chunk)
                if not reason and fed - parser.CurrentByteIndex > limit + CHUNK:
                    reason = f"something in it is longer than {limit:,} bytes"
                if not chunk:
                    break
        if reason:
            lost = SheetRow(sheet.number + 1)
            lost.flaw = Flaw(
                "not-well-formed",
                f"the workbook is damaged after row {sheet.number} ({reason})",
                "Open it in Excel or LibreOffice, let it repair the file, and save it again.",
                rest_lost=True,
            )
            lost.flawed_column = -1
            yield lost


def _header(row: SheetRow, wanted: int) -> Columns:
    if row.flaw:
        raise UnreadableFile(
            f"The header in row {row.number} cannot be read: {row.flaw.message}.", hint=row.flaw.hint
        ) from row.flaw
    if wanted and row.number != wanted:
        raise UnreadableFile(
            f"Row {wanted}, which should hold the header, is blank.", hint="Set the option header_row."
        )
    return Columns(["" if value is None else str(value) for value in row.values], f"row {row.number}")


def _row(row: SheetRow, columns: Columns) -> Row:
    values, flaw = row.values, row.flaw
    width = columns.width
    if flaw is not None:
        column = row.flawed_column
        place = f"Cell {_letters(column)}{row.number}" if column >= 0 else f"Row {row.number}"
        path = f"$.{columns.names[column]}" if 0 <= column < width else "$"
        flaw = Flaw(flaw.kind, f"{place}: {flaw.message}.", flaw.hint, path=path, rest_lost=flaw.rest_lost)
    elif len(values) > width:
        flaw = Flaw(
            "ragged-row",
            f"Row {row.number} has a value in column {_letters(len(values) - 1)}, which has no name in the header.",
            "Name the column in the header row, or clear the cell.",
        )
    if len(values) < width:
        values.extend([None] * (width - len(values)))
    return Row(row.number, values, row.size, lambda: _shown(values), flaw)


def _shown(values: list[Any]) -> str:
    return "\t".join("" if value is None else str(value) for value in values) + "\n"


def _letters(column: int) -> str:
    """0 is A."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
