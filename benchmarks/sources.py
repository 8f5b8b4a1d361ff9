"""Reading: records a second of each format, beside the bare parser on the same file.

The bare parser only parses. Ours also counts lines, keeps decimals exact, bounds memory and turns each fault into one
set-aside record.
"""

from __future__ import annotations

import csv
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import openpyxl
import python_calamine

from benchmarks import papers
from benchmarks.figures import Figure
from benchmarks.house import say
from postroom.intake.detect import source_for
from postroom.intake.spec import SourceRecord

RECORDS = 4000
_FIELDS = ("number", "date", "customer", "street", "town", "country", "amount", "note")


def run() -> Iterator[Figure]:
    """One figure for each format; invoices for JSON, JSON Lines and XML, flat rows for CSV and XLSX."""
    invoices = list(papers.foreign_invoices(RECORDS))
    rows = [_flat(number) for number in range(RECORDS)]
    with tempfile.TemporaryDirectory(prefix="postroom-bench-") as folder:
        for suffix, (write, bare, data) in _FORMATS.items():
            say(f"{RECORDS} records of {suffix}")
            path = Path(folder) / f"records.{suffix}"
            write(path, invoices if data == "invoices" else rows)
            baseline = _per_second(lambda: bare(path))  # noqa: B023
            figure = _per_second(lambda: _ours(path))  # noqa: B023
            yield Figure(f"sources.{suffix}", figure, f"{data}/CPU-second", baseline=baseline)


def _per_second(read: Callable[[], int]) -> float:
    """The better of two readings: the first one warms caches up."""
    best = 0.0
    for _ in range(2):
        began = time.process_time()
        found = read()
        assert found == RECORDS, found
        best = max(best, RECORDS / (time.process_time() - began))
    return best


def _ours(path: Path) -> int:
    return sum(isinstance(record, SourceRecord) for record in source_for(path).read(path))


def _flat(number: int) -> dict[str, str]:
    values = (f"F-{number:06d}", "2026-11-12", f"Party {number % 97} AB", "Storgatan 1", "Malmö", "SE")
    return dict(zip(_FIELDS, (*values, f"{number * 7919 % 100000 / 100:.2f}", "as agreed, by road"), strict=True))


def _write_json(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(records, ensure_ascii=False), "utf-8")


def _write_jsonl(path: Path, records: list[dict[str, Any]]) -> None:
    papers.write_lines(path, iter(records))


def _write_csv(path: Path, records: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, _FIELDS)
        writer.writeheader()
        writer.writerows(records)


def _write_xlsx(path: Path, records: list[dict[str, Any]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Invoices")
    sheet.append(list(_FIELDS))
    for record in records:
        sheet.append(list(record.values()))
    book.save(path)


def _write_xml(path: Path, records: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as handle:
        handle.write('<?xml version="1.0" encoding="UTF-8"?>\n<invoices>\n')
        for record in records:
            handle.write(f"{_element('invoice', record)}\n")
        handle.write("</invoices>\n")


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    inner = "".join(_element(*item) for item in value.items()) if isinstance(value, dict) else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def _bare_json(path: Path) -> int:
    return len(json.loads(path.read_bytes()))


def _bare_jsonl(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(isinstance(json.loads(line), dict) for line in lines)


def _bare_csv(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as lines:
        return sum(1 for _ in csv.DictReader(lines))


def _bare_xlsx(path: Path) -> int:
    return len(python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()) - 1


def _bare_xml(path: Path) -> int:
    found = 0
    for _, element in ElementTree.iterparse(path):
        if element.tag == "invoice":
            found += 1
            element.clear()
    return found


_FORMATS: dict[str, tuple[Callable[[Path, list[dict[str, Any]]], None], Callable[[Path], int], str]] = {
    "json": (_write_json, _bare_json, "invoices"),
    "jsonl": (_write_jsonl, _bare_jsonl, "invoices"),
    "xml": (_write_xml, _bare_xml, "invoices"),
    "csv": (_write_csv, _bare_csv, "rows"),
    "xlsx": (_write_xlsx, _bare_xlsx, "rows"),
}
