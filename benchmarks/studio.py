"""From a changed file to the picture of the page, as the studio's author waits for it: the one-page invoice, wall time.

What the browser adds is measured by the journey; here are check, preparation, layout, PDF with its promises and the
drawn page, in the warm cell of one author. The budget leaves 30 ms of the 150 for request and screen. A letter of the
Word lane is held against LibreOffice alone with the same letter (``baseline``): what the studio adds to it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.house import say

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "src" / "postroom" / "demo" / "templates" / "invoice"
ROUNDS, WARM = 30, 3
sys.path.insert(0, str(ROOT / "tests"))  # the slip of the Word lane is the tests' own


def run() -> Iterator[Figure]:
    """Milliseconds of a changed page, a changed word, and of the map of a page; and of a letter of the Word lane."""
    with tempfile.TemporaryDirectory(prefix="postroom-bench-studio-") as home:
        os.environ |= {"POSTROOM_HOME": home, "DJANGO_SETTINGS_MODULE": "postroom.project.settings"}
        os.environ.setdefault("POSTROOM_SECRET_KEY", "only-for-benchmarks")
        import django

        django.setup()
        from postroom.composition.pack import read_folder
        from postroom.composition.preview import Asked, Preview
        from postroom.kernel.registry import provider

        own = read_folder(TEMPLATE)
        record = json.loads(own["samples/01-usual.json"])
        live = Preview()

        def took(name: str, old: str, new: str, *, mapped: bool = False) -> float:
            times = []
            for number in range(WARM + ROUNDS):
                text = own[name].decode().replace(old, new.format(number=number), 1)
                asked = Asked(files={**own, name: text.encode()}, record=record, map=mapped)
                began = time.perf_counter()
                seen = live.look(asked)
                times.append((time.perf_counter() - began) * 1000)
                if seen.faults or seen.refused:
                    raise RuntimeError(f"the invoice was not made: {seen.faults} {seen.refused}")
            return statistics.median(times[WARM:])

        try:
            page = took("main.typ", 'word("payment")', "[Payment {number}]")
            yield Figure("studio.page", page, "ms from a changed page to its picture", "<=120")
            word = took("words/en.json", '"Payment"', '"Payment {number}"')
            yield Figure("studio.word", word, "ms from a changed word to the picture", "<=300")
            where = took("main.typ", 'word("payment")', "[Payment {number}]", mapped=True)
            yield Figure("studio.map", where, "ms to say what stands where on the page", "<=150")
        finally:
            live.close()
        lack = provider("renderers", "word").missing()
        if lack:
            say(f"word lane left out: {lack}")
            return
        letter, again = _word()
        yield Figure("studio.letter", letter, "ms from a changed word to the picture, Word lane", baseline=_bare())
        yield Figure("studio.letter_map", again, "ms to say what stands where on the letter's page", "<=60")


def _word() -> tuple[float, float]:
    """Milliseconds of a changed word of a letter, and of the map of the page that came of it."""
    from kit.lanes import slip_files
    from postroom.composition.preview import Asked, Preview

    own = slip_files("word")
    record, words = json.loads(own["samples/01.json"]), json.loads(own["words/en.json"])
    made: list[float] = []
    mapped: list[float] = []
    live = Preview()
    try:
        for number in range(WARM + ROUNDS):
            files = {**own, "words/en.json": json.dumps({**words, "gross": f"Gross {number}"}).encode()}
            for times, where in ((made, False), (mapped, True)):
                began = time.perf_counter()
                seen = live.look(Asked(files=files, record=record, map=where))
                times.append((time.perf_counter() - began) * 1000)
                if seen.faults or seen.refused:
                    raise RuntimeError(f"the letter was not made: {seen.faults} {seen.refused}")
    finally:
        live.close()
    return statistics.median(made[WARM:]), statistics.median(mapped[WARM:])


def _bare() -> float:
    """Milliseconds that a started LibreOffice takes from the same letter to its PDF. In a process of its own, for it
    leaves threads behind."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:
        return aside.submit(_office_alone).result()


def _office_alone() -> float:
    import django

    django.setup()
    from kit.lanes import job_of, prepared, slip_docx
    from postroom.composition import fonts
    from postroom.plugins.renderers._docx_fill import WordTemplate
    from postroom.plugins.renderers._office import Office

    letter: Any = WordTemplate(slip_docx(), "main.docx").filled(job_of(prepared("word")))
    office, times = Office(fonts.folder(), "Postroom Sans"), []
    for _ in range(WARM + ROUNDS):
        began = time.perf_counter()
        office.pdf(letter, ("pdf/a-2b",))
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[WARM:])
