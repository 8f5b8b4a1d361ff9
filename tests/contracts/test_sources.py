"""Every built-in source keeps the contract, and the contract turns red for sources that do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from postroom.intake.spec import BadRecord, Source, SourceRecord
from postroom.plugins.sources.csv import CsvSource
from postroom.plugins.sources.json import JsonConfig, JsonSource
from postroom.plugins.sources.jsonl import JsonLinesSource
from postroom.plugins.sources.xlsx import XlsxSource
from postroom.plugins.sources.xml import XmlSource
from postroom.testing.sources import SourceContract
from unit.sources_kit import header, write_workbook

NOTE = "Offset print, four colours. " * 30


def invoice(number: int) -> dict[str, Any]:
    return {"number": f"2026-{number:06}", "net": 1204.5, "customer": {"name": "Müller & Söhne"}, "note": NOTE}


class TestJsonLines(SourceContract):
    def source(self) -> Source:
        return JsonLinesSource()

    def write(self, path: Path, records: int) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(invoice(number)) + "\n" for number in range(records))

    def write_bad(self, path: Path) -> None:
        path.write_bytes(b'{"a": 1.5}\n{"a": \n{"a": 3}\n')


class TestJsonList(SourceContract):
    def source(self) -> Source:
        return JsonSource()

    def write(self, path: Path, records: int) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write("[")
            file.writelines((",\n" if number else "") + json.dumps(invoice(number)) for number in range(records))
            file.write("]")

    def write_bad(self, path: Path) -> None:
        path.write_bytes(b'[{"a": 1.5},\n{"a": 1, "a": 2},\n{"a": 3}]')


class TestJsonBelowANameBroken(TestJsonList):
    def source(self) -> Source:
        return JsonSource(JsonConfig(records="data.items"))

    def write(self, path: Path, records: int) -> None:
        super().write(path, records)
        path.write_text('{"v": [1], "data": {"items":' + path.read_text() + '}, "end": true}', encoding="utf-8")

    def write_bad(self, path: Path) -> None:
        path.write_bytes(b'{"data": {"items": [{"a": 1.5},\n{"a": 1')


class TestCsv(SourceContract):
    def source(self) -> Source:
        return CsvSource()

    def write(self, path: Path, records: int) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write("number;net;customer.name;note\n")
            file.writelines(f'{number};1204,50;"Müller; Söhne";"{NOTE}\n"\n' for number in range(records))

    def write_bad(self, path: Path) -> None:
        path.write_bytes(b"a,b\n1,2\n3\n4,5\n")


class TestXml(SourceContract):
    def source(self) -> Source:
        return XmlSource()

    def write(self, path: Path, records: int) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write("<?xml version='1.0' encoding='UTF-8'?>\n<invoices>\n")
            for number in range(records):
                file.write(f"<invoice no='{number}'><net>1.5</net><note>{NOTE}</note><line/><line>2</line></invoice>\n")
            file.write("</invoices>")

    def write_bad(self, path: Path) -> None:
        path.write_bytes(b"<r><i><a>1</a></i>\n<i><a>2</i>\n<i><a>3</a></i></r>")


class TestXlsx(SourceContract):
    def source(self) -> Source:
        return XlsxSource()

    def write(self, path: Path, records: int) -> None:
        rows = (
            f"<row r='{number}'><c t='s'><v>{number - 2}</v></c><c><v>1204.5</v></c><c t='s'><v>0</v></c></row>"
            for number in range(2, records + 2)
        )
        texts = (f"{number} {NOTE}" for number in range(records))
        write_workbook(path, (*[header("number", "net", "customer.name")], *rows), strings=texts)

    memory_bound = 48 * 1024 * 1024  # texts are held up to 32 MiB, then in a file

    def write_bad(self, path: Path) -> None:
        cell = "<row><c><v>1</v></c></row>"
        write_workbook(path, [header("a"), cell, "<row><c t='e'><v>#REF!</v></c></row>", cell])


class _Hoarder(JsonLinesSource):
    """A fault: reads the whole file before it yields."""

    def read(self, path: Path) -> Iterator[SourceRecord | BadRecord]:
        yield from list(super().read(path))


class _Floats(JsonLinesSource):
    """A fault: numbers as binary floats."""

    def read(self, path: Path) -> Iterator[SourceRecord | BadRecord]:
        for ordinal, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield SourceRecord(ordinal, ordinal, json.loads(line))


class _Swallower(JsonLinesSource):
    """A fault: bad records vanish."""

    def read(self, path: Path) -> Iterator[SourceRecord | BadRecord]:
        yield from (unit for unit in super().read(path) if isinstance(unit, SourceRecord))


class _FromZero(JsonLinesSource):
    """A fault: counts from 0."""

    def read(self, path: Path) -> Iterator[SourceRecord | BadRecord]:
        for unit in super().read(path):
            assert isinstance(unit, SourceRecord)
            yield SourceRecord(unit.ordinal - 1, unit.line, unit.data)


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        (_Hoarder, "test_memory_is_flat"),
        (_Floats, "test_numbers_are_exact_and_text_can_be_stored"),
        (_Floats, "test_an_empty_file_is_refused"),
        (_Floats, "test_a_missing_file_is_refused"),
        (_Swallower, "test_a_bad_unit_is_told_and_the_rest_goes_on"),
        (_FromZero, "test_it_numbers_records_from_one"),
    ],
)
def test_a_planted_fault_turns_the_contract_red(fault: type[Source], test: str, tmp_path: Path) -> None:
    """Given a source with one fault, when its contract test runs, then it fails."""

    class Contract(TestJsonLines):
        def source(self) -> Source:
            return fault()

    with pytest.raises(AssertionError):
        getattr(Contract(), test)(tmp_path)
