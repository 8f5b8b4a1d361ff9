"""CSV: delimiters, quotes, ragged rows, nesting and grouping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from postroom.intake.spec import BadRecord, EmptyFile, SourceRecord, UnreadableFile
from postroom.plugins.sources.csv import CsvConfig, CsvSource
from unit.sources_kit import bad, data, read

GROUPED = CsvSource(CsvConfig(group_by="no"))


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(content: bytes) -> Path:
        path = tmp_path / "in.csv"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(file: Any, sign: str) -> None:
    """Given a file cut by one sign with others inside quotes and values, then the right one is found."""
    other = ";" if sign == "," else ","
    content = f"no{sign}net{sign}text\n1{sign}1{other}50{sign}a{other} b\n2{sign}2{other}50{sign}{other}\n"
    assert data(CsvSource(), file(content.encode()))[0] == {"no": "1", "net": f"1{other}50", "text": f"a{other} b"}


def test_the_delimiter_can_be_set_and_sep_line_is_known(file: Any) -> None:
    """Given Excel's sep= line, or the option, then nothing is guessed."""
    assert data(CsvSource(), file(b"sep=|\r\na|b\r\n1,1|2\r\n")) == [{"a": "1,1", "b": "2"}]
    assert data(CsvSource(CsvConfig(delimiter="^")), file(b"a^b\n1^2\n")) == [{"a": "1", "b": "2"}]
    with pytest.raises(ValidationError):
        CsvConfig(delimiter='"')


def test_values_are_text_and_empty_is_null(file: Any) -> None:
    """Given numbers, leading zeros and empty values, then text stays as it is, and empty is null."""
    assert data(CsvSource(), file(b"a,b,c\n007,1.50,\n")) == [{"a": "007", "b": "1.50", "c": None}]


def test_lines_are_those_where_rows_start(file: Any) -> None:
    """Given quoted line ends and blank lines, then each record has the line where it starts."""
    units = read(CsvSource(), file(b'a,b\n1,"x\ny\nz"\n\n2,"q ""r"""\n3,4\n'))
    assert [unit.line for unit in units] == [2, 6, 7]
    assert isinstance(units[1], SourceRecord) and units[1].data["b"] == 'q "r"'


def test_ragged_rows_say_how_many_values(file: Any) -> None:
    """Given rows too short and too long, then each is set aside with both counts, and the rest goes on."""
    units = read(CsvSource(), file(b"a,b,c\n1,2\n1,2,3,4\n1,2,3\n"))
    assert [unit.code for unit in units[:2] if isinstance(unit, BadRecord)] == ["ragged-row"] * 2
    assert isinstance(units[0], BadRecord) and "has 2 values where the header names 3" in units[0].reason
    assert units[0].line == 2 and units[0].raw == "1,2\n"
    assert isinstance(units[2], SourceRecord)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"a,b,a", 'two columns "a": 1 and 3'),
        (b"a,,c", "column 2 .* is empty"),
        (b"a,b..c", 'column 2 .* "b..c"'),
        (b"a,a.b", "both as a column"),
        (b"a.b,a", "both as a column"),
    ],
)
def test_an_ambiguous_header_is_refused(file: Any, head: bytes, says: str) -> None:
    """Given duplicate, empty or clashing names, then the file is refused and the column named."""
    with pytest.raises(UnreadableFile, match=says) as caught:
        read(CsvSource(), file(head + b"\n1,2,3\n"))
    assert caught.value.hint


def test_dotted_headers_nest(file: Any) -> None:
    """Given dotted headers, then values nest, in the order of the header."""
    content = b"no,customer.name,customer.address.city,net\n1,A,Bern,2\n"
    nested = {"no": "1", "customer": {"name": "A", "address": {"city": "Bern"}}, "net": "2"}
    assert data(CsvSource(), file(content)) == [nested]


def test_a_quote_never_closed_before_good_rows_costs_one_row(file: Any) -> None:
    """Given a stray opening quote, when a later quote shows it, then rows in between by the book are given back."""
    units = read(CsvSource(), file(b'a,b\n1,"x\n2,y\n3,"z"\n4,w\n'))
    assert [unit.line for unit in units] == [2, 3, 4, 5]
    assert isinstance(units[0], BadRecord) and units[0].code == "not-well-formed" and not units[0].rest_lost
    assert [unit.data["b"] for unit in units[1:] if isinstance(unit, SourceRecord)] == ["y", "z", "w"]


def test_the_inside_of_a_cut_off_value_never_becomes_a_record(file: Any) -> None:
    """Given a file cut off in a value whose lines look like rows, then none of them is a record."""
    units = read(CsvSource(), file(b'a,b\n1,x\n2,"dear all\n5,Mallory\n6,Eve\n'))
    assert [type(unit) for unit in units] == [SourceRecord, BadRecord]
    assert isinstance(units[1], BadRecord) and units[1].rest_lost and "Lines 3 to 5" in units[1].reason


def test_the_inside_of_a_broken_value_never_becomes_a_record(file: Any) -> None:
    """Given text after a closing quote over lines that are no rows by the book, then all of them are one bad record."""
    units = read(CsvSource(), file(b'a,b\n1,"x\n5,Bob" oops\n2,y\n'))
    assert [(unit.line, type(unit)) for unit in units] == [(2, BadRecord), (4, SourceRecord)]


def test_an_open_quote_stops_at_the_limit(file: Any) -> None:
    """Given a quote never closed in a long file, then at most one record's worth of lines is held, and rows go on."""
    source = CsvSource(CsvConfig(max_record_bytes=10_000))
    units = read(source, file(b'a,b\n1,"x\n' + b"2,y\n" * 50_000))
    assert isinstance(units[0], BadRecord) and not units[0].rest_lost
    assert len(units) == 50_001


def test_reading_again_stays_linear(file: Any) -> None:
    """Given many stray quotes, then the time grows with the file and not with its square."""
    units = read(CsvSource(), file(b"a,b\n" + b'1,"x\n2,y\n' * 20_000))
    assert units[-1].line <= 40_001


def test_an_undecodable_byte_inside_quotes_costs_its_row_only(file: Any) -> None:
    """Given a cp1252 byte in a quoted value over two lines, then the quote still closes and the next row is good."""
    content = b'a,b\n1,"x\n\xe4 y"\n2,z\n'
    units = read(CsvSource(), file(content))
    assert isinstance(units[0], BadRecord)
    assert (units[0].line, units[0].code) == (2, "not-decodable")
    assert "byte offset 9" in units[0].reason and "cp1252" in units[0].hint
    assert isinstance(units[1], SourceRecord) and units[1].line == 4
    assert data(CsvSource(CsvConfig(encoding="cp1252")), file(content))[0]["b"] == "x\nä y"


def test_a_nul_byte_costs_its_row(file: Any) -> None:
    """Given U+0000 in a value, then the row is set aside: the database could not store it."""
    (flaw,) = bad(CsvSource(), file(b"a,b\n1,\x002\n3,4\n" + b"5,6\n" * 50))
    assert flaw.code == "not-storable" and flaw.line == 2


def test_utf16_and_old_mac_files(file: Any) -> None:
    """Given UTF-16 with a mark, or line ends of CR alone, then rows come as from any other file."""
    assert data(CsvSource(), file("a\tb\r\n1\t\u0a0a\r\n".encode("utf-16"))) == [{"a": "1", "b": "\u0a0a"}]
    assert data(CsvSource(), file(b"a,b\r1,2\r3,4\r")) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"a,b\n", b"a,b", b"a,b\n\n \n"])
def test_a_header_alone_holds_no_records(file: Any, content: bytes) -> None:
    """Given nothing below the header, then the file is empty."""
    with pytest.raises(EmptyFile, match="holds no records"):
        read(CsvSource(), file(content))


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"%PDF-1.7\n", bytes(range(256)) * 9])
def test_a_binary_file_is_refused(file: Any, content: bytes) -> None:
    """Given a file that is no text, then the error says what it is."""
    with pytest.raises(UnreadableFile, match="The file is a"):
        read(CsvSource(), file(content))


def test_rows_of_one_key_become_one_record(file: Any) -> None:
    """Given consecutive rows of one number, then their lines.* columns are the entries of its list."""
    content = b"no,name,lines.sku,lines.tax.rate\nA,x,1,19\nA,,2,7\nB,y,3,19\nC,z,,\n"
    assert data(GROUPED, file(content)) == [
        {"no": "A", "name": "x", "lines": [{"sku": "1", "tax": {"rate": "19"}}, {"sku": "2", "tax": {"rate": "7"}}]},
        {"no": "B", "name": "y", "lines": [{"sku": "3", "tax": {"rate": "19"}}]},
        {"no": "C", "name": "z", "lines": []},
    ]


def test_a_group_is_never_short_of_a_line(file: Any) -> None:
    """Given a bad row in a group, then the whole group is set aside; if its key is not sure, the neighbours, too."""
    content = b"no,name,lines.sku\nA,x,1\nA,x\nA,x,2\nB,y,1\nC,z,1\nC\xe4,z,1\nC,z,2\nD,w,1\n"
    units = read(GROUPED, file(content))
    told = [(unit.line, unit.code if isinstance(unit, BadRecord) else unit.data["no"]) for unit in units]
    assert told == [(2, "ragged-row"), (5, "B"), (6, "group"), (7, "not-decodable"), (8, "group"), (9, "D")]
    assert isinstance(units[0], BadRecord) and units[0].raw == "A,x,1\nA,x\nA,x,2\n"


def test_a_group_that_contradicts_itself_is_set_aside(file: Any) -> None:
    """Given two rows of one number with two names, then the column and both lines are told."""
    (flaw,) = bad(GROUPED, file(b"no,name,lines.sku\nA,x,1\nA,y,2\nB,x,1\n"))
    assert flaw.code == "group" and 'Line 3: the column "name"' in flaw.reason and "(line 2)" in flaw.reason


def test_a_cut_off_file_sets_its_last_group_aside(file: Any) -> None:
    """Given a file that ends inside quotes, then the group before the break may lack a line and is set aside."""
    units = read(GROUPED, file(b'no,name,lines.sku\nA,x,1\nB,y,1\nB,y,"2'))
    told = [(unit.code, unit.rest_lost) if isinstance(unit, BadRecord) else unit.data["no"] for unit in units]
    assert told == ["A", ("group", False), ("not-well-formed", True)]


def test_a_group_stops_at_the_limit(file: Any) -> None:
    """Given a key that never changes, then memory is bounded: the group is set aside as too large."""
    source = CsvSource(CsvConfig(group_by="no", max_record_bytes=1000))
    units = read(source, file(b"no,lines.sku\n" + b"A,1\n" * 10_000 + b"B,1\n"))
    assert isinstance(units[0], BadRecord) and units[0].code == "too-large"
    assert isinstance(units[1], SourceRecord)


@pytest.mark.parametrize(
    ("group_by", "head", "says"),
    [
        ("nr", b"no,lines.a", "does not have"),
        ("no", b"no,name", "no column is named"),
        ("lines.a", b"no,lines.a", "lines"),
    ],
)
def test_grouping_that_cannot_work_is_refused(file: Any, group_by: str, head: bytes, says: str) -> None:
    """Given a column to group by that does not fit the header, then the error says why."""
    with pytest.raises(UnreadableFile, match=says):
        read(CsvSource(CsvConfig(group_by=group_by)), file(head + b"\n1,2\n"))
