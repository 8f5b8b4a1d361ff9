"""Finished documents of a run: made in the cell, marked by what was issued before, and made again with their mark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pypdfium2

from kit import finishing as kit
from kit.runs import problems_of, through, write

STEPS = "  - stamp: {text: mark, mark: duplicate}\n  - stamp: {text: paid, mark: original}\n"
APPEND = "  - append: {file: finish/terms.pdf}\n"


def records(*numbers: str) -> list[Any]:
    sample = json.loads(kit.slip_files("typst")["samples/01.json"])
    lines = [{"text": "Papier", "quantity": 1, "unit_price": "1.00"}]
    return [sample | {"number": n, "lines": lines, "totals": {"tax": "0.00", "gross": "1.00"}} for n in numbers]


def texts(run: Any) -> dict[str, list[str]]:
    from postroom.documents.models import Version
    from postroom.vault.read import read_blob

    found: dict[str, list[str]] = {}
    for version in Version.objects.filter(document__run_id=run.pk).select_related("document", "blob"):
        pages = pypdfium2.PdfDocument(read_blob(version.blob))
        assert len(pages) == version.pages
        said = " ".join(page.get_textpage().get_text_range() for page in pages)
        found.setdefault(version.document.number, []).append(
            "/".join(word for word in ("Copy", "Paid", "General terms") if word in said)
        )
    return {number: sorted(told) for number, told in found.items()}


def test_a_number_issued_before_is_a_duplicate_and_is_made_again_as_one(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.compose import close_cells
    from postroom.documents.models import Version
    from postroom.identity.actor import SYSTEM
    from postroom.production.reproduce.again import make_again
    from postroom.production.reproduce.report import SAME

    # given a template that stamps originals and duplicates, with terms behind
    publish_template(SYSTEM, kit.files(STEPS + APPEND, terms__pdf=kit.terms(words=40)))
    # when a run makes two numbers, one of them twice, and a later one makes the first once more
    first = through(write(tmp_path, records("A-1", "A-2", "A-2")), "slip")
    assert problems_of(first) == []
    second = through(write(tmp_path, records("A-1", "A-3"), "later.jsonl"), "slip")
    # then each is marked by what was issued before
    assert texts(first) == {"A-1": ["Paid/General terms"], "A-2": ["Copy/General terms", "Paid/General terms"]}
    assert texts(second) == {"A-1": ["Copy/General terms"], "A-3": ["Paid/General terms"]}
    marks = Version.objects.order_by("mark").values_list("mark", flat=True)
    assert list(marks) == ["duplicate", "duplicate", "original", "original", "original"]
    # and made again, they are the same bytes
    close_cells()
    report = make_again(SYSTEM, wanted=100, seed=1)
    assert report.differences == []
    assert report.total(SAME) == 5


def test_planted_a_mark_that_is_forgotten_is_a_difference(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.compose import close_cells
    from postroom.documents.models import Version
    from postroom.identity.actor import SYSTEM
    from postroom.production.reproduce.again import make_again

    publish_template(SYSTEM, kit.files(STEPS))
    through(write(tmp_path, records("A-1")), "slip")
    Version.objects.update(mark="")
    close_cells()
    assert len(make_again(SYSTEM, wanted=10, seed=1).differences) == 1
