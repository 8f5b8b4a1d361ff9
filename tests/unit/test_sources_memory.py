"""All built-in sources read files of 60 MB and more in a process whose memory hardly grows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from unit.sources_kit import invoice_rows, write_workbook

NOTE = "Offset print, four colours, 135 g matt. " * 30
GROWTH_MIB = 64

# ru_maxrss would not do: on Linux a child inherits the peak of the process that started it (here pytest).
CHILD = """
import importlib, re, sys
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
module, name, path, hoard = sys.argv[1:]
source = getattr(importlib.import_module(module), name)()
before = peak()
kept, count = [], 0
for unit in source.read(__import__("pathlib").Path(path)):
    count += 1
    if hoard == "yes":
        kept.append(unit)
print(count, (peak() - before) // 1024)
"""


def _lines(path: Path, head: str, line: str, between: str, tail: str) -> int:
    count = 60_000_000 // len(line) + 1
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        file.writelines((between if number else "") + line for number in range(count))
        file.write(tail)
    assert path.stat().st_size > 60_000_000
    return count


def _jsonl(path: Path) -> int:
    return _lines(path, "", json.dumps({"n": 1.5, "note": NOTE}), "\n", "\n")


def _json(path: Path) -> int:
    return _lines(path, "[", json.dumps({"n": 1.5, "note": NOTE}), ",\n", "]")


def _csv(path: Path) -> int:
    return _lines(path, "n,note\n", f'1.5,"{NOTE}"', "\n", "\n")


def _xml(path: Path) -> int:
    return _lines(path, "<r>", f"<i><n>1.5</n><note>{NOTE}</note></i>", "\n", "</r>")


def _xlsx(path: Path) -> int:
    """A sheet of more than 30 MB of XML, and 100,000 rows of eight cells."""
    write_workbook(path, invoice_rows(100_000), strings=(f"text {number}" for number in range(5000)))
    return 100_000


pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc (Linux)")


@pytest.mark.parametrize(
    ("name", "source", "write"),
    [
        ("jsonl", "JsonLinesSource", _jsonl),
        ("json", "JsonSource", _json),
        ("csv", "CsvSource", _csv),
        ("xml", "XmlSource", _xml),
        pytest.param("xlsx", "XlsxSource", _xlsx, marks=pytest.mark.slow),  # its file alone takes seconds to write
    ],
)
def test_a_large_file_is_a_stream(name: str, source: str, write: Callable[[Path], int], tmp_path: Path) -> None:
    """Given a large file, when a fresh process reads it, then its memory grows by a fixed amount at most."""
    path = tmp_path / f"large.{name}"
    count = write(path)
    told = _measure(name, source, path, "no")
    assert told[0] == count
    assert told[1] < GROWTH_MIB, f"{name}: {told[1]} MiB for a file of {path.stat().st_size:,} bytes"


def test_the_measure_sees_a_reader_that_hoards(tmp_path: Path) -> None:
    """Given a reader that keeps every record, then the same measure goes beyond the bound (planted fault)."""
    path = tmp_path / "large.jsonl"
    _jsonl(path)
    assert _measure("jsonl", "JsonLinesSource", path, "yes")[1] > GROWTH_MIB


def _measure(name: str, source: str, path: Path, hoard: str) -> tuple[int, int]:
    command = [sys.executable, "-c", CHILD, f"postroom.plugins.sources.{name}", source, str(path), hoard]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    count, growth = done.stdout.split()
    return int(count), int(growth)
