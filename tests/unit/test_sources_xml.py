"""XML: records as a stream, exact lines, and nothing that a hostile document could do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postroom.intake.spec import BadRecord, EmptyFile, SourceRecord, UnreadableFile
from postroom.plugins.sources.xml import XmlConfig, XmlSource
from unit.sources_kit import bad, data, read


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(content: bytes) -> Path:
        path = tmp_path / "in.xml"
        path.write_bytes(content)
        return path

    return write


def test_elements_become_values(file: Any) -> None:
    """Given attributes, text, repeated, empty and mixed elements, then each comes as documented."""
    content = b"""<?xml version="1.0"?><r><head/>
    <i no="1"><a>x &amp; y</a><l>1</l><l><q>2</q></l><e/><w>
    </w><t u="kg">5</t><n xsi:nil="true"/></i><i no="2"><a><![CDATA[<b>]]></a></i></r>"""
    assert data(XmlSource(), file(content)) == [
        {
            "@no": "1",
            "a": "x & y",
            "l": ["1", {"q": "2"}],
            "e": None,
            "w": None,
            "t": {"@u": "kg", "#text": "5"},
            "n": None,
        },
        {"@no": "2", "a": "<b>"},
    ]


def test_lists_can_be_forced(file: Any) -> None:
    """Given one line only, when the option names it, then it is a list all the same."""
    source = XmlSource(XmlConfig(lists=("l",)))
    assert data(source, file(b"<r><i><l>1</l></i><i><l/><l>2</l></i></r>")) == [{"l": ["1"]}, {"l": [None, "2"]}]


def test_the_record_is_the_child_that_repeats(file: Any) -> None:
    """Given a header before the records and an element of the same name below it, then only children count."""
    content = b"<r><head><i>no</i></head><i><a>1</a></i><foot/><i><a>2</a></i></r>"
    assert data(XmlSource(), file(content)) == [{"a": "1"}, {"a": "2"}]
    assert data(XmlSource(), file(b"<r><i><a>1</a></i></r>")) == [{"a": "1"}]
    with pytest.raises(UnreadableFile, match="No child of the root element repeats") as caught:
        read(XmlSource(), file(b"<r><a/><b/></r>"))
    assert "a, b" in caught.value.hint


def test_the_record_can_be_named(file: Any) -> None:
    """Given the option, then the outermost elements of that name are the records, the root included."""
    source = XmlSource(XmlConfig(record="i"))
    assert data(source, file(b"<r><x><i><i>1</i></i></x><y><i><a>2</a></i></y></r>")) == [{"i": "1"}, {"a": "2"}]
    assert data(source, file(b"<i><a>1</a><b/><b/></i>")) == [{"a": "1", "b": [None, None]}]
    with pytest.raises(UnreadableFile, match="no element <i>; its root is <r>"):
        read(source, file(b"<r><a/></r>"))


def test_prefixes_stay_or_go(file: Any) -> None:
    """Given prefixed names, then they stay, or go with the option, unless two names would become one."""
    content = b'<p:r xmlns:p="u"><p:i p:x="1"><p:a>1</p:a></p:i><p:i/></p:r>'
    assert data(XmlSource(), file(content)) == [{"@p:x": "1", "p:a": "1"}, {}]
    drop = XmlSource(XmlConfig(drop_namespaces=True))
    assert data(drop, file(content)) == [{"@x": "1", "a": "1"}, {}]
    (flaw,) = bad(drop, file(b"<r><i><p:a>1</p:a><q:a>2</q:a></i><i/></r>"))
    assert flaw.code == "duplicate-key"


def test_lines_are_exact_beyond_sixteen_bits(file: Any) -> None:
    """Given 120,000 lines, then the line of the last record is right (libxml2 guesses beyond 65,535)."""
    content = b"<r>\n" + b"<i>\n<a>1</a>\n</i>\n" * 40_000 + b"</r>"
    lines = [unit.line for unit in XmlSource().read(file(content))]
    assert lines == [2 + 3 * number for number in range(40_000)]


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        b'<!DOCTYPE r [<!ENTITY c SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd">%p;]>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">',
        b"<!DOCTYPE r>",
    ],
)
def test_a_document_type_is_refused(file: Any, doctype: bytes) -> None:
    """Given a bomb, an external entity, a parameter entity or a bare DOCTYPE, then nothing of it is read."""
    for start in (b"", b"<!--" + b" " * 300_000 + b"-->"):
        content = b'<?xml version="1.0"?>' + start + doctype + b"<r><i>&c;</i><i/></r>"
        for source in (XmlSource(), XmlSource(XmlConfig(record="i"))):
            with pytest.raises(UnreadableFile, match="declares a document type") as caught:
                read(source, file(content))
            assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"<r><i><a>1</a></i>\n<i><a>2</i></r>", "Line 2, column 10: mismatched tag"),
        (b"<r><i><a>1</a></i>\n<i><a>2", "Line 2"),
        (b"<r><i><a>1</a></i>\n<i>&undefined;</i></r>", "Line 2, column 4: undefined entity"),
        (b"<r><i><a>1</a></i>\n<i>\xe4</i></r>", "byte 0xE4"),
        (b"<r><i><a>1</a></i>\n</r>\n<more/>", "Line 3"),
    ],
)
def test_broken_in_the_middle(file: Any, content: bytes, where: str) -> None:
    """Given XML that breaks, then the records before come, and one last bad record says where."""
    units = read(XmlSource(), file(content))
    assert isinstance(units[0], SourceRecord) and units[0].data == {"a": "1"}
    last = units[-1]
    assert isinstance(last, BadRecord) and last.rest_lost and where in last.reason, last
    assert len(units) == 2


@pytest.mark.parametrize("declared", ["windows-1252", "ISO-8859-15", "UTF-16"])
def test_declared_encodings(file: Any, declared: str) -> None:
    """Given an XML declaration with an encoding, then it is followed."""
    content = f'<?xml version="1.0" encoding="{declared}"?><r><i>ä€</i><i/></r>'
    assert data(XmlSource(), file(content.encode(declared)))[0] == {"#text": "ä€"}


def test_the_encoding_can_be_overruled(file: Any) -> None:
    """Given a file that declares nothing and is cp1252, when the option says so, then it is read."""
    assert data(XmlSource(XmlConfig(encoding="cp1252")), file(b"<r><i>\xe4\x80</i><i/></r>"))[0] == {"#text": "ä€"}


@pytest.mark.parametrize("encoding", ["shift_jis", "nonsense"])
def test_encodings_that_cannot_be_read_are_told(file: Any, encoding: str) -> None:
    """Given an encoding the parser does not know, then the file is refused with a hint."""
    with pytest.raises(UnreadableFile) as caught:
        read(XmlSource(), file(f'<?xml version="1.0" encoding="{encoding}"?><r><i/><i/></r>'.encode()))
    assert caught.value.hint


def test_records_too_large_or_too_deep_cost_themselves(file: Any) -> None:
    """Given a huge and a deep record, then they are set aside and the next is read."""
    source = XmlSource(XmlConfig(max_record_bytes=10_000))
    huge = b"<i>" + b"<a>xx</a>" * 100_000 + b"</i>"
    mixed = b"<i>" + b"x<a/>" * 100_000 + b"</i>"
    deep = b"<i>" + b"<a>" * 150 + b"</a>" * 150 + b"</i>"
    units = read(source, file(b"<r><i><b>1</b></i>" + huge + mixed + deep + b"<i><b>2</b></i></r>"))
    kinds = [unit.code if isinstance(unit, BadRecord) else unit.data["b"] for unit in units]
    assert kinds == ["1", "too-large", "too-large", "too-deep", "2"]


def test_a_comment_without_end_stops_early(file: Any) -> None:
    """Given a comment larger than a record may be, then reading stops there instead of holding it."""
    source = XmlSource(XmlConfig(max_record_bytes=100_000))
    units = read(source, file(b"<r><i><b>1</b></i><i/><!--" + b"x" * 5_000_000 + b"--></r>"))
    assert isinstance(units[-1], BadRecord) and units[-1].rest_lost and units[-1].code == "too-large"


@pytest.mark.parametrize("content", [b"", b" \n", b"<r/>", b"<r></r>", b'<?xml version="1.0"?>\n<r>\n</r>\n'])
def test_a_root_without_children_holds_no_records(file: Any, content: bytes) -> None:
    """Given a root without children, then the file is empty."""
    with pytest.raises(EmptyFile):
        read(XmlSource(), file(content))


def test_other_files_are_refused(file: Any) -> None:
    """Given text or a ZIP archive, then the error says that it is not XML."""
    for content in (b"a,b\n1,2\n", b"PK\x03\x04", b"<r", b"<1>"):
        with pytest.raises(UnreadableFile) as caught:
            read(XmlSource(), file(content))
        assert caught.value.hint
