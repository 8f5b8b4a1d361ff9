"""JSON and JSON Lines: exact values, right lines and columns, and going on after a bad record."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.intake.spec import BadRecord, EmptyFile, SourceRecord, UnreadableFile
from postroom.plugins.sources.json import JsonConfig, JsonSource
from postroom.plugins.sources.jsonl import JsonLinesConfig, JsonLinesSource
from unit.sources_kit import bad, data, read


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(content: bytes) -> Path:
        path = tmp_path / "in"
        path.write_bytes(content)
        return path

    return write


def test_numbers_are_exact(file: Any) -> None:
    """Given numbers binary floats cannot hold, when they are read, then no digit is lost."""
    content = b'{"a": 0.1, "b": 1204.50, "c": 12345678901234567890.123456789, "d": 3, "e": 1e3}'
    for source in (JsonLinesSource(), JsonSource()):
        (found,) = data(source, file(content + b"\n"))
        assert [str(value) for value in found.values()] == [
            "0.1",
            "1204.50",
            "12345678901234567890.123456789",
            "3",
            "1E+3",
        ]
        assert type(found["a"]) is Decimal and type(found["d"]) is int


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b'{"a": NaN}', "not-a-number"),
        (b'{"a": -Infinity}', "not-a-number"),
        (b'{"a": 1e999999999}', "not-a-number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not-a-number"),
        (b'{"a": 0.' + b"1" * 500 + b"}", "not-a-number"),
        (b'{"a": {"b": 1, "b": 2}}', "duplicate-key"),
        (b'{"a": "\\ud83d"}', "not-storable"),
        (b'{"a": "\\u0000"}', "not-storable"),
        (b'{"\\u0000": 1}', "not-storable"),
        (b"[1, 2]", "not-an-object"),
        (b"null", "not-an-object"),
        (b'{"a": ' + b"[" * 101 + b"]" * 101 + b"}", "too-deep"),
        (b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "too-deep"),
    ],
)
def test_a_value_that_cannot_be_used_costs_its_record_only(file: Any, value: bytes, code: str) -> None:
    """Given a well-formed and unusable record between two good ones, then it alone is set aside, in both formats."""
    lines = read(JsonLinesSource(), file(b'{"n": 1}\n' + value + b'\n{"n": 2}\n'))
    listed = read(JsonSource(), file(b'[{"n": 1},\n' + value + b',\n{"n": 2}]'))
    for units in (lines, listed):
        assert [type(unit) for unit in units] == [SourceRecord, BadRecord, SourceRecord], units
        assert isinstance(units[1], BadRecord)
        assert (units[1].code, units[1].line, units[1].rest_lost) == (code, 2, False)
        assert units[2].line == 3
        assert units[1].hint and units[1].raw


def test_escapes_that_look_dangerous_and_are_not_pass(file: Any) -> None:
    """Given an emoji as a surrogate pair and an escaped backslash before u0000, then the text is whole."""
    (found,) = data(JsonLinesSource(), file(b'{"a": "\\ud83d\\ude00", "b": "\\\\u0000"}\n'))
    assert found == {"a": "\U0001f600", "b": "\\u0000"}


def test_jsonl_tells_line_and_column(file: Any) -> None:
    """Given blank lines and CRLF, when a line breaks, then its number counts the blank ones and the column is right."""
    units = read(JsonLinesSource(), file(b'{"a": 1}\r\n\r\n   \n{"a" 2}\r\n{"a": 3} 4\n'))
    assert [unit.line for unit in units] == [1, 4, 5]
    assert isinstance(units[1], BadRecord) and "Line 4, column 6" in units[1].reason
    assert isinstance(units[2], BadRecord) and "Line 5, column 10" in units[2].reason


def test_jsonl_passes_over_a_line_without_end(file: Any) -> None:
    """Given a line far beyond the limit, then it is set aside with its beginning and the next line is read."""
    source = JsonLinesSource(JsonLinesConfig(max_record_bytes=100_000))
    content = b'{"a": 1}\n{"b": "' + b"x" * 3_000_000 + b'"}\n{"c": 1}\n'
    for text in (content, b"\xff\xfe" + content.decode().encode("utf-16-le"), content[:2_000_000]):
        units = read(source, file(text))
        assert isinstance(units[1], BadRecord)
        assert (units[1].code, units[1].line) == ("too-large", 2)
        assert len(units[1].raw) <= 65536
        assert [unit.line for unit in units] == ([1, 2, 3] if text[-2:] != b"xx" else [1, 2])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(file: Any, encoding: str) -> None:
    """Given a file with a byte order mark, then no option is needed."""
    text = '{"ä": "Ā ਊ"}\n{"b": "ऊ"}\n'  # U+0A0A and U+090A hold the byte of a line end
    assert data(JsonLinesSource(), file(text.encode(encoding))) == [{"ä": "Ā ਊ"}, {"b": "ऊ"}]
    listed = "[" + text.strip().replace("\n", ",\n") + "]"
    assert data(JsonSource(), file(listed.encode(encoding))) == [{"ä": "Ā ਊ"}, {"b": "ऊ"}]


def test_bytes_that_are_not_utf8_are_named(file: Any) -> None:
    """Given a cp1252 byte, then the byte offset and the probable encoding are told, and the option cures it."""
    content = b'{"a": 1}\n{"a": "\xe4\x80"}\n{"a": 2}\n'
    (flaw,) = bad(JsonLinesSource(), file(content))
    assert (flaw.line, flaw.code) == (2, "not-decodable")
    assert "byte offset 16" in flaw.reason and "cp1252" in flaw.reason and "cp1252" in flaw.hint
    assert data(JsonLinesSource(JsonLinesConfig(encoding="cp1252")), file(content))[1] == {"a": "ä€"}
    (lost,) = bad(JsonSource(), file(b"[" + content.replace(b"\n", b",")[:-1] + b"]"))
    assert lost.rest_lost and "Byte offset 17" in lost.reason


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'[{"a": 1},\n {"b": 2}', "Line 2, column 10"),
        (b'[{"a": 1},\n {"b" 2}]', "Line 2, column 7"),
        (b'[{"a": 1},\n {"b": 2},]', "Line 2, column 11"),
        (b'[{"a": 1}\n {"b": 2}]', "Line 2, column 2"),
        (b'[{"a": 1},\n {"b": "2', "Line 2, column 8"),
        (b'[{"a": 1}\n] x', "Line 2, column 3"),
    ],
)
def test_a_broken_list_gives_what_came_before(file: Any, content: bytes, where: str) -> None:
    """Given JSON broken in the middle, then the records before it come, and one last bad record says where."""
    units = read(JsonSource(), file(content))
    assert isinstance(units[0], SourceRecord) and units[0].data == {"a": 1}
    last = units[-1]
    assert isinstance(last, BadRecord) and last.rest_lost and where in last.reason, last
    assert sum(isinstance(unit, BadRecord) for unit in units) == 1


def test_line_and_column_stay_right_beyond_the_first_chunks(file: Any) -> None:
    """Given a list of many chunks with pretty-printed elements, then each line is right, and the last column."""
    count = 20_000
    element = json.dumps({"a": "x" * 60, "b": [1, 2]}, indent=2)
    text = "[\n" + ",\n".join([element] * count) + ',\n\n  {"b" 1}]'
    units = read(JsonSource(), file(text.encode()))
    tall = element.count("\n") + 1
    assert [unit.line for unit in units[:-1]] == [2 + tall * number for number in range(count)]
    assert isinstance(units[-1], BadRecord)
    assert f"Line {2 + tall * count + 1}, column 8" in units[-1].reason


def test_records_below_a_dotted_path(file: Any) -> None:
    """Given an object with the list inside, when the option names it, then siblings of any size are passed over."""
    sibling = json.dumps([{"x": '"]}'}] * 50_000).encode()
    content = (
        b'{"v": 12, "pad": ' + sibling + b', "data": {"n": 1, "items": [{"a": 1},\n{"a": 2}], "z": {}}, "t": null}'
    )
    source = JsonSource(JsonConfig(records="data.items", max_record_bytes=100_000))
    assert data(source, file(content)) == [{"a": 1}, {"a": 2}]
    units = read(source, file(content[:-10]))
    assert isinstance(units[-1], BadRecord) and units[-1].rest_lost, "a file cut off after the list is told"


@pytest.mark.parametrize(
    ("records", "content", "says"),
    [
        ("data.items", b'{"data": {"n": 1}}', "missing"),
        ("data", b'{"data": {"n": 1}}', "not a list"),
        ("data.items", b'{"data": []}', "not an object"),
        ("data", b"[]", "is a list"),
        ("", b'{"a": 1}\n{"a": 2}', "JSON Lines"),
        ("", b"hello", 'begins with "h"'),
    ],
)
def test_a_wrong_shape_is_refused_with_a_hint(file: Any, records: str, content: bytes, says: str) -> None:
    """Given a document of another shape than the option says, then the error says which, and what to set."""
    with pytest.raises(UnreadableFile, match=says) as caught:
        read(JsonSource(JsonConfig(records=records)), file(content))
    assert caught.value.hint


def test_a_list_named_twice_is_not_half_read_in_silence(file: Any) -> None:
    """Given an object that names the list twice, then the second is told as lost."""
    units = read(JsonSource(JsonConfig(records="d")), file(b'{"d": [{"a": 1}], "d": [{"a": 2}]}'))
    assert isinstance(units[-1], BadRecord) and units[-1].rest_lost and "twice" in units[-1].reason


def test_one_object_is_one_record(file: Any) -> None:
    """Given one object and no option, then it is the record."""
    assert data(JsonSource(), file(b'\n{"a": [1, 2]}\n')) == [{"a": [1, 2]}]


@pytest.mark.parametrize("content", [b"[]", b" [ ] ", b"\xef\xbb\xbf", b"\xef\xbb\xbf[]"])
def test_an_empty_list_holds_no_records(file: Any, content: bytes) -> None:
    """Given a list without elements, or a mark alone, then it is an empty file."""
    with pytest.raises(EmptyFile):
        read(JsonSource(), file(content))


def test_an_element_beyond_the_limit_is_passed_over(file: Any) -> None:
    """Given elements larger than a record may be, then they are set aside and the next are read."""
    source = JsonSource(JsonConfig(max_record_bytes=1000))
    large = b'{"b": "' + b'x\\"]' * 300_000 + b'"}'
    units = read(source, file(b'[{"a": 1},' + large + b',{"c": 1},[' + b'{"x":[]},' * 200_000 + b'1],{"d": 1}]'))
    kinds = [unit.code if isinstance(unit, BadRecord) else next(iter(unit.data)) for unit in units]
    assert kinds == ["a", "too-large", "c", "too-large", "d"]


def test_json_in_a_jsonl_file_is_said_once(file: Any) -> None:
    """Given a pretty-printed document as JSON Lines, then one error, not a flood of bad records."""
    for content in (b'[\n{"a": 1}\n]', b'{\n  "a": 1\n}'):
        with pytest.raises(UnreadableFile, match="over several lines"):
            read(JsonLinesSource(), file(content))


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_characters="\x00", codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(st.dictionaries(st.text("abcdé", max_size=3), _values, max_size=4), min_size=1, max_size=6), st.booleans()
)
def test_both_formats_give_back_what_was_written(tmp_path_factory: Any, records: list[Any], escaped: bool) -> None:
    """Given any JSON records, when they are written and read, then nothing has changed."""
    path = tmp_path_factory.mktemp("p") / "in"
    texts = [json.dumps(record, ensure_ascii=escaped) for record in records]
    path.write_text("[" + ",\n".join(texts) + "]", encoding="utf-8", newline="")
    assert data(JsonSource(), path) == records
    path.write_text("\n".join(texts), encoding="utf-8", newline="")
    assert data(JsonLinesSource(), path) == records
