"""Comma-separated values (RFC 4180 and its many cousins): a header row, then one record a row.

All values are text, an empty one is null. Dotted headers nest (``customer.name``); the option ``group_by`` makes
one record of consecutive rows (see ``TableConfig``). A quoted value may hold line ends.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from postroom.plugins.sources._base import HEAD, StreamSource, Unit, no_records, open_file
from postroom.plugins.sources._csvrows import CsvRows
from postroom.plugins.sources._table import Columns, TableConfig, records
from postroom.plugins.sources._text import Encoding, raw_lines, text_form

_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


class CsvConfig(TableConfig):
    """``delimiter`` is found out when it is not set (comma, semicolon, tab or bar)."""

    delimiter: Annotated[str, StringConstraints(pattern=r'^[^"\r\n\x00]?$')] = ""
    encoding: Encoding | None = None


class CsvSource(StreamSource):
    """Each row below the header is a record, or each group of rows."""

    name = "csv"
    suffixes = (".csv", ".tsv", ".tab")
    media_types = ("text/csv", "application/csv", "text/tab-separated-values", "application/vnd.ms-excel.csv")
    Config = CsvConfig

    config: CsvConfig

    @classmethod
    def recognises(cls, head: bytes) -> int:
        """The first two lines hold one of the delimiters equally often."""
        lines = [line for line in head.decode("utf-8-sig", "replace").splitlines() if line.strip()][:2]
        if len(lines) < 2 or lines[0].lstrip()[:1] in ("{", "[", "<"):
            return 0
        return 40 if any(0 < lines[0].count(sign) == lines[1].count(sign) for sign in _DELIMITERS) else 0

    def units(self, path: Path) -> Iterator[Unit]:
        with open_file(path) as file:
            head = file.read(HEAD)
            form = text_form(head, self.config.encoding)
            text = head[form.mark :].decode(form.encoding, "replace")
            if not text.strip():
                raise no_records(path)
            named = _SEP_LINE.match(text)
            delimiter = self.config.delimiter or (named[1] if named else _delimiter(text, len(head) == HEAD))
            lines = raw_lines(file, form, self.config.max_record_bytes)
            if named:
                next(lines)
            rows = CsvRows(lines, form, delimiter, self.config.max_record_bytes)
            names = rows.header()
            if not names:
                raise no_records(path)
            columns = Columns(names, f"line {rows.header_line}")
            yield from records(rows.rows(columns.width), columns, self.config)


def _delimiter(text: str, cut: bool) -> str:
    """The sign that cuts the first lines into the same number of columns, and into the most."""
    best, best_score = ",", (0.0, 0)
    lines = [line + "\n" for line in re.split(r"\r\n|\n|\r", text)]
    lines = (lines[:-1] if cut and len(lines) > 1 else lines)[:30]
    for sign in _DELIMITERS:
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        except csv.Error:
            continue
        if counts and counts[0] > 1:
            score = (sum(count == counts[0] for count in counts) / len(counts), counts[0])
            if score > best_score:
                best, best_score = sign, score
    return best
