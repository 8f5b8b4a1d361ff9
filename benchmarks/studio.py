"""From a changed file to the picture of the page, as the studio's author waits for it: the one-page invoice, wall time.

What the browser adds is measured by the journey; here are check, preparation, layout, PDF with its promises and the
drawn page, in the warm cell of one author. The budget leaves 30 ms of the 150 for request and screen.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure

TEMPLATE = Path(__file__).resolve().parent.parent / "src" / "postroom" / "demo" / "templates" / "invoice"
ROUNDS, WARM = 30, 3


def run() -> Iterator[Figure]:
    """Milliseconds of a changed page, a changed word, and of the map of a page."""
    with tempfile.TemporaryDirectory(prefix="postroom-bench-studio-") as home:
        os.environ |= {"POSTROOM_HOME": home, "DJANGO_SETTINGS_MODULE": "postroom.project.settings"}
        os.environ.setdefault("POSTROOM_SECRET_KEY", "only-for-benchmarks")
        import django

        django.setup()
        from postroom.composition.pack import read_folder
        from postroom.composition.preview import Asked, Preview

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
