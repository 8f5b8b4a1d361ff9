"""Excel workbooks: exact values, dates, errors, bombs, and a million rows as a stream."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from postroom.intake.spec import BadRecord, EmptyFile, SourceRecord, UnreadableFile
from postroom.plugins.sources._excelvalues import format_kind, number
from postroom.plugins.sources.xlsx import XlsxConfig, XlsxSource
from unit.sources_kit import bad, data, header, invoice_rows, read, write_workbook


def cells(*parts: str) -> str:
    return "<row>" + "".join(parts) + "</row>"


def test_a_workbook_of_another_program(tmp_path: Path) -> None:
    """Given a workbook by openpyxl, then texts, numbers, dates, times, spans and truth values come as documented."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["no", "day", "when", "time", "span", "qty", "net", "ok", "customer.name", "gone"])
    day, when = dt.date(2026, 11, 21), dt.datetime(2026, 11, 21, 13, 5, 59)  # noqa: DTZ001  # Excel has no zones
    sheet.append(["A", day, when, dt.time(7, 30), dt.timedelta(hours=36), 5, 19.9, True, "Müller\r\n& Söhne", None])
    book.save(tmp_path / "a.xlsx")
    assert data(XlsxSource(), tmp_path / "a.xlsx") == [
        {
            "no": "A",
            "day": "2026-11-21",
            "when": "2026-11-21T13:05:59",
            "time": "07:30:00",
            "span": "PT36H0M",
            "qty": 5,
            "net": Decimal("19.9"),
            "ok": True,
            "customer": {"name": "Müller\r\n& Söhne"},
            "gone": None,
        }
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", "5"),
        ("5.0", "5"),
        ("-7", "-7"),
        ("0.10000000000000001", "0.1"),
        ("1204.5", "1204.5"),
        ("1E+3", "1000"),
        ("1e22", "10000000000000000000000"),
        ("12345678901234567890", "12345678901234567890"),
        ("1E-7", "1E-7"),
    ],
)
def test_numbers_are_the_shortest_text_of_the_double(text: str, value: str) -> None:
    """Given what Excel writes, then integers are int and others the shortest decimal."""
    found = number(text)
    assert str(found) == value
    assert type(found) is (Decimal if not value.lstrip("-").isdigit() else int)


@pytest.mark.parametrize("text", ["nan", "inf", "1e999", "1_000", "", "x", "٣"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """Given what float() would take and Excel never writes, then it is no number."""
    if text == "٣":
        assert number(text) == 3  # an Arabic digit is the digit three
        return
    with pytest.raises(ValueError):
        number(text)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("dd\\.mm\\.yyyy", "date"),
        ("mmm-yy", "date"),
        ("[$-407]d. mmmm yyyy;@", "date"),
        ("h:mm AM/PM", "time"),
        ("mm:ss", "time"),
        ("yyyy-mm-dd hh:mm", "moment"),
        ("[h]:mm:ss", "span"),
        ("General", ""),
        ('0.00" days"', ""),
        ("[Red]0.00", ""),
        ('#,##0.00\\ "h"', ""),
        ("0.00E+00", ""),
        ("@", ""),
    ],
)
def test_number_formats(code: str, kind: str) -> None:
    """Given a number format, then only real date parts make a date (not colours, quotes or exponents)."""
    assert format_kind(code) == kind


@pytest.mark.parametrize(
    ("properties", "serial", "style", "text"),
    [
        ("", "1", 1, "1900-01-01"),
        ("", "59", 1, "1900-02-28"),
        ("", "61", 1, "1900-03-01"),
        ("", "46347", 4, "2026-11-21"),
        ("", "46347.5", 1, "2026-11-21T12:00:00"),
        ("", "46347.999988425923", 2, "2026-11-21T23:59:59"),
        ("", "0.3125", 3, "07:30:00"),
        ("", "1.5", 5, "PT36H0M"),
        ('<workbookPr date1904="1"/>', "0", 1, "1904-01-01"),
    ],
)
def test_serial_numbers_are_dates(tmp_path: Path, properties: str, serial: str, style: int, text: str) -> None:
    """Given a serial number with a date format, then ISO text, with Excel's year 1900 and the calendar of 1904."""
    rows = [header("d", "n"), cells(f'<c s="{style}"><v>{serial}</v></c>', "<c s='6'><v>2.5</v></c>")]
    path = write_workbook(tmp_path / "a.xlsx", rows, workbook_properties=properties)
    assert data(XlsxSource(), path) == [{"d": text, "n": Decimal("2.5")}]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("<c r='B2'><f>A1*2</f></c>", "Cell B2: the formula has no stored result"),
        ("<c r='B2'><f>A1*2</f><v></v></c>", "Cell B2: the formula has no stored result"),
        ("<c r='B2' t='e'><v>#REF!</v></c>", "Cell B2: the cell shows the error #REF!"),
        ("<c r='B2' t='s'><v>7</v></c>", "Cell B2: the value '7' of type s"),
        ("<c r='B2' t='s'><v>-1</v></c>", "Cell B2: the value '-1' of type s"),
        ("<c r='B2'><v>1e999</v></c>", "Cell B2: the value '1e999'"),
        ("<c r='B2' t='zz'><v>1</v></c>", "type zz"),
        ("<c r='B2' s='1'><v>60</v></c>", "29 February 1900"),
        ("<c r='B2' s='1'><v>99999999999</v></c>", "is no date"),
        ("<c r='XFE2'><v>1</v></c>", "beyond the last column"),
        ("<c r='B2'><v>1</v></c><c r='D2'><v>1</v></c>", "column D, which has no name"),
    ],
)
def test_a_cell_that_cannot_be_used_costs_its_row(tmp_path: Path, cell: str, says: str) -> None:
    """Given a cell without a usable value, then its row is set aside and says which cell; the next row is read."""
    rows = [header("a", "b"), f"<row r='2'><c r='A2'><v>1</v></c>{cell}</row>", cells("<c><v>2</v></c>")]
    units = read(XlsxSource(), write_workbook(tmp_path / "a.xlsx", rows, strings=["x"]))
    assert isinstance(units[0], BadRecord) and says in units[0].reason and units[0].line == 2
    assert isinstance(units[1], SourceRecord) and units[1].data == {"a": 2, "b": None}


def test_formulas_give_their_stored_result(tmp_path: Path) -> None:
    """Given formulas with results of each type, then the results are the values."""
    row = cells(
        "<c><f>1+1</f><v>2</v></c>",
        "<c t='str'><f>A1</f><v>x_x000D_y</v></c>",
        "<c t='str'><f>A1</f><v></v></c>",
        "<c t='b'><f>TRUE()</f><v>1</v></c>",
    )
    path = write_workbook(tmp_path / "a.xlsx", [header("a", "b", "c", "d"), row])
    assert data(XlsxSource(), path) == [{"a": 2, "b": "x\ry", "c": None, "d": True}]


def test_rich_text_and_readings(tmp_path: Path) -> None:
    """Given runs of rich text with a phonetic reading, then the runs are joined and the reading left out."""
    rich = "<is><r><t>Post</t></r><r><t>room</t></r><rPh sb='0' eb='1'><t>reading</t></rPh></is>"
    path = write_workbook(tmp_path / "a.xlsx", [header("a"), cells(f"<c t='inlineStr'>{rich}</c>")])
    assert data(XlsxSource(), path) == [{"a": "Postroom"}]


def test_the_sheet_is_the_first_visible_or_the_named_one(tmp_path: Path) -> None:
    """Given a hidden sheet first, then the visible one is read; a wrong name is answered with the names there are."""
    sheets = (("Secret", 'state="hidden"'), ("Orders", ""))
    path = write_workbook(tmp_path / "a.xlsx", [header("a"), cells("<c><v>1</v></c>")], sheets=sheets)
    assert data(XlsxSource(), path) == [{"a": 1}]
    assert data(XlsxSource(XlsxConfig(sheet="Secret")), path) == [{"a": 1}]
    with pytest.raises(UnreadableFile, match='no sheet "Order"') as caught:
        read(XlsxSource(XlsxConfig(sheet="Order")), path)
    assert "Secret, Orders" in caught.value.hint


def test_rows_group_and_nest_as_in_csv(tmp_path: Path) -> None:
    """Given group_by, then a sheet gives the same records as the same table in CSV."""
    rows = [
        header("no", "lines.sku"),
        *(cells(f"<c><v>{no}</v></c>", f"<c><v>{sku}</v></c>") for no, sku in ((1, 5), (1, 6), (2, 7))),
    ]
    path = write_workbook(tmp_path / "a.xlsx", rows)
    found = data(XlsxSource(XlsxConfig(group_by="no")), path)
    assert found == [{"no": 1, "lines": [{"sku": 5}, {"sku": 6}]}, {"no": 2, "lines": [{"sku": 7}]}]


def test_texts_beyond_memory_lie_in_a_file(tmp_path: Path) -> None:
    """Given more texts than may be held, then every cell still finds its own, in any order."""
    count = 5000
    texts = [f"Müller {number} " + "x" * (number % 50) for number in range(count)]
    rows = [header("a"), *(cells(f"<c t='s'><v>{number * 7919 % count}</v></c>") for number in range(count))]
    path = write_workbook(tmp_path / "a.xlsx", rows, strings=texts)
    found = data(XlsxSource(XlsxConfig(strings_in_memory=10_000)), path)
    assert [record["a"] for record in found] == [texts[number * 7919 % count] for number in range(count)]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """Given a part of 100 MB in 100 kB, or beyond the total, then it is refused with a hint."""
    path = tmp_path / "a.xlsx"
    write_workbook(
        path, [header("a"), cells("<c t='inlineStr'><is><t>"), *([" " * 1_000_000] * 100), "</t></is></c></row>"]
    )
    with pytest.raises(UnreadableFile, match="ZIP bombs"):
        read(XlsxSource(), path)
    with pytest.raises(UnreadableFile, match="unpacks to"):
        read(XlsxSource(XlsxConfig(max_ratio=10**9, max_unpacked_bytes=1_000_000)), path)
    (flaw,) = bad(XlsxSource(XlsxConfig(max_ratio=10**9)), path)
    assert flaw.code in ("too-large", "not-well-formed"), "even when allowed, one row is held up to the limit only"


def test_a_directory_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """Given an archive with a directory beyond all measure, then it is refused unread."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for part in range(80):
            archive.writestr(f"xl/{part:060000}", b"")
    with pytest.raises(UnreadableFile, match="far more parts"):
        read(XlsxSource(), path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "old Excel workbook"),
        (b"a,b\n1,2\n", "text, not an Excel workbook"),
        (b"PK\x03\x04" + b"x" * 100, "damaged"),
        (b"%PDF-1.4", "PDF"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """Given an encrypted, old, damaged or foreign file, then the error says which, and what to do."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=says) as caught:
        read(XlsxSource(), path)
    assert caught.value.hint


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    """Given a ZIP archive of something else, then the error says so."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(UnreadableFile, match="no Excel workbook"):
        read(XlsxSource(), path)


@pytest.mark.parametrize("rows", [[], [header("a")], ["<row/>", header("a"), "<row><c/></row>"]])
def test_a_sheet_without_rows_holds_no_records(tmp_path: Path, rows: list[str]) -> None:
    """Given a blank sheet or a header alone, then the file is empty."""
    with pytest.raises(EmptyFile):
        read(XlsxSource(), write_workbook(tmp_path / "a.xlsx", rows))


def test_a_sheet_damaged_in_the_middle_gives_what_came_before(tmp_path: Path) -> None:
    """Given broken XML after good rows, and likewise damaged compression, then what came before comes."""
    rows = [header("a"), *([cells("<c><v>1</v></c>")] * 5), "<row><c></row>"]
    units = read(XlsxSource(), write_workbook(tmp_path / "a.xlsx", rows))
    assert sum(isinstance(unit, SourceRecord) for unit in units) == 5
    assert isinstance(units[-1], BadRecord) and units[-1].rest_lost
    path = write_workbook(tmp_path / "b.xlsx", invoice_rows(20_000), strings=[f"{n}" for n in range(5000)])
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    spoilt = bytearray(path.read_bytes())
    middle = info.header_offset + info.compress_size // 2
    spoilt[middle : middle + 64] = bytes(64)
    path.write_bytes(spoilt)
    units = read(XlsxSource(), path)
    assert isinstance(units[-1], BadRecord) and units[-1].rest_lost
    assert 1000 < sum(isinstance(unit, SourceRecord) for unit in units) < 20_000
