"""Records of somebody else's database, by a mapping alone: conforming PDF/A, readable text, found within a second."""

from __future__ import annotations

import json
import re
import subprocess
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance import verapdf
from kit.runs import balance_of, start
from servers import need

ROOT = Path(__file__).resolve().parents[2]
RECORDS = ROOT / "tests" / "golden" / "chinook_like.jsonl"
MAPPING = ROOT / "examples" / "chinook" / "mapping.yaml"

pytestmark = pytest.mark.slow


def _wanted() -> list[tuple[str, str, Decimal]]:
    """Number, name and total of each record, as the source has them."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in RECORDS.read_text("utf-8").splitlines()]
    return [
        (
            f"CHI-{row['invoice_id']}",
            row["customer"]["company"] or f"{row['customer']['first_name']} {row['customer']['last_name']}",
            Decimal(row["total"]),
        )
        for row in rows
    ]


def _text(path: Path) -> str:
    done = subprocess.run(
        [need("pdftotext"), "-layout", str(path), "-"], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout


def _amounts(text: str) -> set[str]:
    """The digits of each number with two decimals, whatever the language puts between them."""
    return {re.sub(r"\D", "", found) for found in re.findall(r"\d[\d  .,'’]*[.,]\d\d(?!\d)", text)}


def test_foreign_records_become_conforming_documents_that_are_found_at_once(
    starters: list[str], tmp_path: Path
) -> None:
    from api_kit import carry_through
    from postroom.documents.queries import Wanted, search
    from postroom.identity.actor import SYSTEM
    from postroom.production.export import export_documents
    from postroom.production.models import Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel

    # given the records of another system, and a mapping
    wanted = _wanted()
    assert len(wanted) == 10
    run = start(RECORDS, mapping=MAPPING.read_text("utf-8"))
    read_parcel(run.pk)
    # when they are composed
    compose_chunk(Chunk.objects.get(run=run).pk)
    committed = time.monotonic()
    # then within a second each is found by number, by name and by amount
    for number, name, total in wanted:
        for text in (number, name, str(total)):
            assert number in {row.number for row in search(SYSTEM, Wanted(text=text))}, text
        assert number in {row.number for row in search(SYSTEM, Wanted(amount_from=total, amount_to=total))}
    assert time.monotonic() - committed < 1.0
    # and all arrive
    carry_through(run.pk)
    counted = balance_of(run)
    assert (counted.received, counted.records["completed"]) == (10, 10)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0)
    # and each file is sound, says its name, number and total in words a machine can read
    assert export_documents(SYSTEM, run, tmp_path / "pdf") == 10
    paths = [tmp_path / "pdf" / f"{number}.pdf" for number, _, _ in wanted]
    for path, (number, name, total) in zip(paths, wanted, strict=True):
        checked = subprocess.run(
            [need("qpdf"), "--check", str(path)], capture_output=True, text=True, timeout=30, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
        text = _text(path)
        assert number in text
        assert name in " ".join(text.split()), name
        assert re.sub(r"\D", "", f"{total:.2f}") in _amounts(text), (total, _amounts(text))
    # and veraPDF finds nothing against PDF/A-2b
    verapdf.needed()
    for verdict in verapdf.validate(paths, "2b"):
        assert verdict.compliant, (verdict.path.name, verdict.failed, verdict.error)
