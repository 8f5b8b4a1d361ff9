"""The floor below which no renderer can bring the cost of a document: bookkeeping with a renderer that does nothing.

Two writers compose a run of slips: claim, check, format, recipient, channel, a cell that answers at once, vault, rows,
ledger, commit; once with the search row and once without. Documents a second are by the clock, so the rows of CPU say
what an idle machine with free cores would do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import overlay, papers
from benchmarks.figures import Figure
from benchmarks.house import house, publish, say
from benchmarks.writers import Took, writers
from postroom.kernel.home import Home

DOCUMENTS = int(os.environ.get("BENCH_FLOOR_DOCUMENTS", "20000"))
WARM = 2_000
WRITERS = 2


def run() -> Iterator[Figure]:
    """Documents a second without and with the search row, and what each costs."""
    return overlay.within("benchmarks.floor")


def _measured() -> Iterator[Figure]:
    with house() as home:
        from postroom.project.install import install_starters

        publish(papers.slip("null", mail=False), shows=False)
        install_starters()
        without = _turn(home, search=False)
        with_it = _turn(home, search=True)
    yield from _figures("floor", without, ">=10000")
    yield from _figures("floor-search", with_it, ">=5000")


def _turn(home: Home, *, search: bool) -> Took:
    say(f"{WRITERS} writers, {DOCUMENTS} documents {'with' if search else 'without'} the search row")
    with writers(home, WRITERS, search=search) as ready:
        ready.compose(chunks_of(home, f"warm-{search}", WARM))
        return ready.compose(chunks_of(home, f"floor-{search}", DOCUMENTS))


def _figures(name: str, took: Took, budget: str) -> Iterator[Figure]:
    yield Figure(f"{name}.documents", DOCUMENTS / took.wall, f"documents/s, {WRITERS} writers", budget)
    for part in ("own", "cells", "database"):
        yield Figure(f"{name}.{part}", getattr(took, part) / DOCUMENTS * 1e6, "us of CPU/document")
    whole = took.own + took.cells + took.database
    yield Figure(f"{name}.cpu", DOCUMENTS / whole, "documents per CPU-second, PostgreSQL's too")


def chunks_of(home: Home, name: str, count: int, template: str = "slip") -> list[Any]:
    """A run of ``count`` slips that is read and waits; the ids of its chunks, in order."""
    return chunks_in(data_of(home, name, count), template)


def data_of(home: Home, name: str, count: int) -> Path:
    """The file of such a run, as a foreign system would send it. Writing it is no work of ours."""
    return papers.write_lines(home.work / f"{name}.jsonl", papers.slips(count, label=name))


def chunks_in(path: Path, template: str = "slip") -> list[Any]:
    """The run of a file, which is gone afterwards."""
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run
    from postroom.production.models import Chunk
    from postroom.production.reading import read_parcel

    run = start_run(SYSTEM, template=template, path=path).run
    path.unlink()
    read_parcel(run.pk)
    return list(Chunk.objects.filter(run=run).order_by("no").values_list("pk", flat=True))


if __name__ == "__main__":
    overlay.tell(_measured())
