"""Which source reads a file: name, media type, first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from postroom.intake.detect import BadSourceOptions, UnknownFormat, source_for, source_named, supported
from postroom.intake.spec import UnreadableFile
from postroom.kernel.registry import UnknownProvider
from unit.sources_kit import header, write_workbook


@pytest.mark.parametrize(
    ("name", "media_type", "content", "source"),
    [
        ("a.jsonl", "", b"", "jsonl"),
        ("A.NDJSON", "text/csv", b"", "jsonl"),
        ("a.json", "", b"", "json"),
        ("a.tsv", "", b"", "csv"),
        ("a.xml", "", b"", "xml"),
        ("a.xlsx", "", b"", "xlsx"),
        ("a", "application/json; charset=utf-8", b"", "json"),
        ("a.dat", "Text/CSV", b"", "csv"),
        ("a.txt", "text/plain", b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("a", "application/octet-stream", b'\n{"a": 1,\n "b": 2}', "json"),
        ("a", "", b'[{"a": 1},\n{"b": 2}]', "json"),
        ("a", "", b'\xef\xbb\xbf<?xml version="1.0"?><r/>', "xml"),
        ("a", "", "\ufeff<?xml version='1.0'?><r/>".encode("utf-16-le"), "xml"),
        ("a.txt", "", b"a;b\n1;2\n", "csv"),
    ],
)
def test_a_source_is_found(tmp_path: Path, name: str, media_type: str, content: bytes, source: str) -> None:
    """Given a suffix, else a media type that says something, else content, then the source is the right one."""
    path = tmp_path / "blob"
    path.write_bytes(content)
    assert source_for(path, media_type=media_type, name=name).name == source


def test_a_workbook_is_found_by_its_bytes(tmp_path: Path) -> None:
    """Given a workbook without a name, then it is known by its parts."""
    path = write_workbook(tmp_path / "blob", [header("a")])
    assert source_for(path, media_type="application/zip").name == "xlsx"


@pytest.mark.parametrize("content", [b"", b"hello world\n", b"%PDF-1.4", b"<html><body>"])
def test_an_unknown_format_lists_what_is_supported(tmp_path: Path, content: bytes) -> None:
    """Given a file of no known format, then the error lists every source with its suffixes."""
    path = tmp_path / "letter.doc"
    path.write_bytes(content)
    with pytest.raises(UnknownFormat, match=r"letter\.doc") as caught:
        source_for(path)
    assert all(name in caught.value.hint for name in ("jsonl (.jsonl", "csv (.csv", "json", "xml", "xlsx"))
    assert caught.value.hint.startswith(f"Supported: {supported()}")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """Given no file and no telling name, then UnreadableFile."""
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        source_for(tmp_path / "gone")


def test_options_are_checked(tmp_path: Path) -> None:
    """Given options, then they reach the source; unknown or wrong ones are told with those it knows."""
    path = tmp_path / "a.csv"
    assert source_for(path, options={"delimiter": "|"}).config.model_dump()["delimiter"] == "|"
    assert source_named("xml", {"record": "invoice"}).name == "xml"
    for options in ({"colour": "red"}, {"encoding": "klingon"}, {"max_record_bytes": "many"}):
        with pytest.raises(BadSourceOptions) as caught:
            source_for(path, options=options)
        assert "delimiter" in caught.value.hint and next(iter(options)) in caught.value.message
    with pytest.raises(UnknownProvider):
        source_named("papyrus")
