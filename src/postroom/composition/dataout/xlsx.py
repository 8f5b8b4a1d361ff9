"""A workbook as a stream (ISO/IEC 29500-1): nothing is held but the row in hand, and equal rows give equal bytes.

Numbers are written digit by digit as they came: a library that takes floats would round what a ledger adds up (P9).
Text is inline and never a formula, whatever it begins with.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from typing import IO, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from postroom.composition.dataout.layout import Layout
from postroom.composition.dataout.rows import Value, number_text

#: Rows of a sheet (ISO/IEC 29500-1, 18.3.1.73); what is more goes on the next one.
MOST_ROWS = 1_048_576
_EPOCH = dt.date(1899, 12, 30)
_WHEN = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/>'
    '<diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    '</cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class XlsxWriter:
    """One workbook; a further sheet where the first is full."""

    def __init__(self, layout: Layout, out: BinaryIO, most_rows: int = MOST_ROWS) -> None:
        self._layout, self._most = layout, most_rows
        self._archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self._sheets = 0
        self._sheet: IO[bytes] | None = None
        self._row = 0
        self._next()

    def write(self, row: Sequence[Value]) -> None:
        """One row."""
        if self._row >= self._most:
            self._next()
        cells = "".join(self._cell(index, value) for index, value in enumerate(row))
        self._put(f"<row>{cells}</row>")

    def close(self) -> None:
        """End the workbook."""
        self._end()
        sheets = range(1, self._sheets + 1)
        title = escape(self._layout.name[:24].translate(str.maketrans("", "", "[]:*?/\\'")) or "Data")
        names = "".join(
            f'<sheet name={quoteattr(title if no == 1 else f"{title} {no}")} sheetId="{no}" r:id="rId{no}"/>'
            for no in sheets
        )
        self._file("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{names}</sheets></workbook>')
        related = "".join(
            f'<Relationship Id="rId{no}" Type="{_REL}/worksheet" Target="worksheets/sheet{no}.xml"/>' for no in sheets
        )
        related += f'<Relationship Id="rId{self._sheets + 1}" Type="{_REL}/styles" Target="styles.xml"/>'
        self._file(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
        )
        own = f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'
        self._file("_rels/.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{own}</Relationships>')
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{no}.xml" ContentType="{kind}.worksheet+xml"/>' for no in sheets
        )
        types = (
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{parts}</Types>'
        )
        self._file("[Content_Types].xml", types)
        with self._archive.open(zipfile.ZipInfo("xl/styles.xml", _WHEN), "w") as file:
            file.write(_STYLES.encode())
        self._archive.close()

    def _next(self) -> None:
        self._end()
        self._sheets += 1
        entry = zipfile.ZipInfo(f"xl/worksheets/sheet{self._sheets}.xml", _WHEN)
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._sheet = self._archive.open(entry, "w", force_zip64=True)
        self._row = 0
        pane = '<pane ySplit="1" topLeftCell="A2" state="frozen"/>'
        view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        self._sheet.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}">{view if self._layout.header else ""}<sheetData>'.encode()
        )
        if self._layout.header:
            cells = "".join(_text(column.head, 1) for column in self._layout.columns)
            self._put(f"<row>{cells}</row>")

    def _end(self) -> None:
        if self._sheet is not None:
            self._sheet.write(b"</sheetData></worksheet>")
            self._sheet.close()
            self._sheet = None

    def _put(self, text: str) -> None:
        if self._sheet is None:
            raise RuntimeError("the workbook is closed")
        self._sheet.write(text.encode("utf-8"))
        self._row += 1

    def _file(self, name: str, content: str) -> None:
        entry = zipfile.ZipInfo(name, _WHEN)
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._archive.writestr(entry, _HEAD + content)

    def _cell(self, index: int, value: Value) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, bool):
            return f'<c t="b"><v>{int(value)}</v></c>'
        if isinstance(value, Decimal):
            return f"<c><v>{number_text(self._layout.columns[index], value)}</v></c>"
        if isinstance(value, dt.date):
            return f'<c s="2"><v>{(value - _EPOCH).days}</v></c>'
        return _text(value)


def _text(value: str, style: int = 0) -> str:
    clean = "".join(sign if sign >= " " or sign in "\t\n" else "" for sign in value)
    said = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{said}><is><t xml:space="preserve">{escape(clean)}</t></is></c>'
