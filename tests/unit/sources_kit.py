"""Files for the tests of sources: a small writer of workbooks that streams, and shorthand for reading."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from postroom.intake.spec import BadRecord, Source, SourceRecord

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEETML}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{SHEETML}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHEETML}.sharedStrings+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEETML}.worksheet+xml"/></Types>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="0.00&quot; days&quot;"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="21"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>'
)


def write_workbook(
    path: Path,
    rows: Iterable[str],
    *,
    strings: Iterable[str] = (),
    workbook_properties: str = "",
    sheets: tuple[tuple[str, str], ...] = (("Data", ""),),
) -> Path:
    """A workbook whose sheets all hold ``rows``, each the XML of one row; ``strings`` fill the table of texts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}">'
            f'<Relationship Id="r" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        listed = "".join(
            f'<sheet name="{name}" sheetId="{number}" {state} r:id="s{number}"/>'
            for number, (name, state) in enumerate(sheets, 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{workbook_properties}<sheets>{listed}</sheets></workbook>',
        )
        linked = "".join(
            f'<Relationship Id="s{number}" Type="{LINKS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}">{linked}'
            f'<Relationship Id="t" Type="{LINKS}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
            f'<Relationship Id="y" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>',
        )
        archive.writestr("xl/styles.xml", STYLES)
        with archive.open("xl/sharedStrings.xml", "w") as part:
            part.write(f'<sst xmlns="{MAIN}">'.encode())
            for text in strings:
                part.write(f"<si><t>{escape(text)}</t></si>".encode())
            part.write(b"</sst>")
        kept = list(rows) if len(sheets) > 1 else rows
        for number in range(1, len(sheets) + 1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
                part.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
                for row in kept:
                    part.write(row.encode())
                part.write(b"</sheetData></worksheet>")
    return path


def header(*names: str) -> str:
    """The XML of a header row."""
    return "<row r='1'>" + "".join(f"<c t='inlineStr'><is><t>{escape(name)}</t></is></c>" for name in names) + "</row>"


def invoice_rows(count: int, width: int = 8) -> Iterable[str]:
    """A header and ``count`` rows as Excel writes them: references, shared texts, numbers."""
    yield header(*(f"c{column}" for column in range(width)))
    letters = [chr(65 + column) for column in range(width)]
    for number in range(2, count + 2):
        cells = "".join(
            f'<c r="{letter}{number}" t="s"><v>{(number * width + column) % 5000}</v></c>'
            if column % 3 == 0
            else f'<c r="{letter}{number}" s="0"><v>{number * 1.25}</v></c>'
            for column, letter in enumerate(letters)
        )
        yield f'<row r="{number}" spans="1:{width}">{cells}</row>'


def read(source: Source, path: Path) -> list[SourceRecord | BadRecord]:
    """All that ``source`` yields."""
    return list(source.read(path))


def data(source: Source, path: Path) -> list[dict[str, object]]:
    """The data of all records; a bad one fails the test with its reason."""
    found: list[dict[str, object]] = []
    for unit in source.read(path):
        assert isinstance(unit, SourceRecord), unit
        found.append(unit.data)
    return found


def bad(source: Source, path: Path) -> list[BadRecord]:
    """The bad records alone."""
    return [unit for unit in source.read(path) if isinstance(unit, BadRecord)]
