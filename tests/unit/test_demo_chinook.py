"""The example mapping: ten invented records in the shape of the Chinook database become invoices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from demo_kit import Press, pack

from postroom.composition.prepare import prepare
from postroom.composition.problems import RecordRefused
from postroom.demo.company import TEMPLATES
from postroom.rules import MappingRefused, compile_mapping, map_records

ROOT = Path(__file__).parents[2]
MAPPING = (ROOT / "examples" / "chinook" / "mapping.yaml").read_text(encoding="utf-8")
CONTRACT = json.loads((TEMPLATES / "invoice" / "contract.json").read_text(encoding="utf-8"))
RECORDS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (ROOT / "tests" / "golden" / "chinook_like.jsonl").read_text(encoding="utf-8").splitlines()
]


def mapped() -> list[dict[str, Any]]:
    results = map_records(compile_mapping(MAPPING, contract=CONTRACT), RECORDS)
    return [result.result for result in results]  # type: ignore[union-attr]  # a fault has none and fails the test


def test_nothing_in_the_records_is_doubtful() -> None:
    mapping = compile_mapping(MAPPING, contract=CONTRACT)
    assert [doubt for record in RECORDS for doubt in mapping.check(record)] == []


def test_every_record_becomes_an_invoice(tmp_path: Path) -> None:
    printer = Press("invoice", tmp_path / "pack")
    for record in mapped():
        assert printer.print(record).pages in (1, 2)


def test_missing_parts_are_left_out_and_countries_decide() -> None:
    by_number = {record["number"]: record for record in mapped()}
    irish, norwegian, american = by_number["CHI-3"], by_number["CHI-2"], by_number["CHI-5"]
    assert "postal_code" not in irish["customer"]["address"] and "contact" not in irish["customer"]
    assert norwegian["customer"]["name"] == "Sørensen & Sønner AS"
    assert norwegian["customer"]["contact"] == "Bjørn Åge Sørensen"
    assert norwegian["customer"]["address"]["country"] == "NO"
    assert american["us_letter"] is True and american["customer"]["address"]["code_after_city"] is True
    assert (
        by_number["CHI-9"]["customer"]["language"] == "sv" and not by_number["CHI-9"]["customer"]["address"]["abroad"]
    )


def test_a_total_that_does_not_add_up_is_set_aside() -> None:
    """The planted fault: a cent at the source."""
    record = mapped()[0]
    record["totals"]["gross"] = "1.99"
    with pytest.raises(RecordRefused) as refused:
        prepare(pack("invoice"), record)
    assert "figures-differ" in {problem.code for problem in refused.value.problems}


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(MappingRefused):
        compile_mapping(MAPPING.replace("customer.email:", "customer.emial:"), contract=CONTRACT)
