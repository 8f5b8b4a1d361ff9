"""Finished documents of a run: made in the cell, marked by what was issued before, and made again with their mark."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from kit import finishing as kit
from kit.runs import postroom, problems_of, start, through, write

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


def together(runs: list[Any], meet: Any) -> None:
    """Compose the chunks of runs at the same time, each by a worker of its own; all are made before one commits."""
    from django.db import connection

    from postroom.composition.compose import close_cells
    from postroom.production.models import Chunk
    from postroom.production.pipeline import compose_chunk

    def work(run: Any) -> None:
        try:
            compose_chunk(Chunk.objects.get(run=run).pk)
        finally:
            close_cells()
            connection.close()

    with ThreadPoolExecutor(len(runs)) as pool:
        for done in [pool.submit(work, run) for run in runs]:
            done.result()
    assert meet.n_waiting == 0


def read(path: Path) -> Any:
    from postroom.production.reading import read_parcel

    run = start(path, "slip")
    read_parcel(run.pk)
    return run


@pytest.mark.parametrize("guarded", [True, False], ids=["by-the-database", "planted-without-it"])
def test_of_two_chunks_that_make_a_number_at_the_same_time_one_is_the_original(
    guarded: bool, starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.documents.models import Version
    from postroom.identity.actor import SYSTEM
    from postroom.production import commit, pipeline

    publish_template(SYSTEM, kit.files(STEPS))
    runs = [
        read(write(tmp_path, records("A-1", "B-1"), "one.jsonl")),
        read(write(tmp_path, records("C-1", "A-1"), "two.jsonl")),
    ]
    # given two workers that have both marked the number as an original, and then commit
    meet, real = threading.Barrier(2, timeout=60), pipeline.commit_chunk
    first = threading.local()

    def both(*args: Any, **options: Any) -> None:
        if not getattr(first, "gone", False):
            first.gone = True
            meet.wait()
        real(*args, **options)

    monkeypatch.setattr(pipeline, "commit_chunk", both)
    if not guarded:
        monkeypatch.setattr(commit, "refuse_issued", lambda live, works: None)
    together(runs, meet)
    # then the database lets one be the original, the other is made again as the duplicate it is
    marks = sorted(Version.objects.filter(document__number="A-1").values_list("mark", flat=True))
    assert marks == (["duplicate", "original"] if guarded else ["original", "original"])
    if guarded:
        told = [text for run in runs for text in texts(run)["A-1"]]
        assert sorted(told) == ["Copy", "Paid"]
        assert set(Version.objects.exclude(document__number="A-1").values_list("mark", flat=True)) == {"original"}


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


def test_the_terminal_merges_files_and_documents(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.documents.models import Document
    from postroom.identity.actor import SYSTEM

    publish_template(SYSTEM, kit.files(STEPS))
    through(write(tmp_path, records("A-1")), "slip")
    terms, out = tmp_path / "terms.pdf", tmp_path / "all.pdf"
    terms.write_bytes(kit.terms(words=40))
    document = Document.objects.get(number="A-1")
    # when a document of the house and a file are merged
    done = postroom("pdf", "merge", str(document.pk), str(terms), "--to", str(out), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["documents"] == 2
    assert len(pypdfium2.PdfDocument(out.read_bytes())) == 2
    # then nothing is written over unasked, and what is not there is named
    again = postroom("pdf", "merge", str(terms), "--to", str(out))
    assert again.returncode != 0 and "--replace" in again.stderr
    lost = postroom("pdf", "merge", "no-such.pdf", "--to", str(tmp_path / "x.pdf"))
    assert lost.returncode != 0 and "no-such.pdf" in lost.stderr and not (tmp_path / "x.pdf").exists()
