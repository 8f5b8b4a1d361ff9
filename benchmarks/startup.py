"""How long things take to start: the program, the database, a cell, and one record from file to settled run."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import papers
from benchmarks.figures import Figure
from benchmarks.house import fresh_home, house, publish, say
from postroom.demo.company import TEMPLATES

_PROGRAM = [sys.executable, "-m", "postroom.cli.app"]
_TIMES = 5


def run() -> Iterator[Figure]:
    """Medians of some starts each, in milliseconds of wall time."""
    say("the program")
    bare = _median(lambda: _run([sys.executable, "-c", "import typer"]))
    yield Figure("startup.version", _median(lambda: _run([*_PROGRAM, "--version"])), "ms", baseline=bare)
    yield from _database()
    yield from _one_record()
    yield from _cell()


def _median(act: Callable[[], object], times: int = _TIMES) -> float:
    act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _database() -> Iterator[Figure]:
    from postroom.kernel import database

    say("the database")
    with fresh_home() as home:
        began = time.perf_counter()
        database.start(home, lambda _: None)
        yield Figure("startup.database-first", (time.perf_counter() - began) * 1000, "ms")
        taken = []
        for _ in range(_TIMES):
            database.stop(home, lambda _: None)
            began = time.perf_counter()
            database.start(home, lambda _: None)
            taken.append((time.perf_counter() - began) * 1000)
        yield Figure("startup.database-second", statistics.median(taken), "ms", "<=5000")


def _one_record() -> Iterator[Figure]:
    """The command as a person types it, database included, in a house that has been used before."""
    say("one record by `postroom run`")
    with fresh_home() as home, tempfile.TemporaryDirectory(prefix="postroom-bench-") as folder:
        taken = []
        invoice = TEMPLATES / "invoice" / "samples" / "01-usual.json"
        record = json.loads(invoice.read_text("utf-8"))
        for number in range(3):
            data = papers.write_lines(Path(folder) / f"{number}.jsonl", iter([{**record, "number": f"ONE-{number}"}]))
            began = time.perf_counter()
            told = json.loads(_run([*_PROGRAM, "run", "invoice", str(data), "--json"]))
            taken.append((time.perf_counter() - began) * 1000)
            assert told["completed"] == 1, told
        assert home.root.exists()
        yield Figure("startup.run-first", taken[0], "ms, new house")
        yield Figure("startup.run", min(taken[1:]), "ms, used house")


def _cell() -> Iterator[Figure]:
    say("a cell")
    with house():
        from postroom.cage import Cell
        from postroom.composition import fonts
        from postroom.composition.prepare import prepare
        from postroom.composition.queries import live_pack, newest_version

        publish(papers.SLIP)
        live = live_pack(newest_version("slip").pk)
        ready = prepare(live.pack, next(papers.slips(1)))
        job = {"view": ready.view, "codes": ready.codes, "fixed_clock": ready.fixed_clock}
        setup = {"renderer": "typst", "pack": str(live.folder), "fonts": str(fonts.folder())}

        def first_document() -> None:
            with Cell("render", setup) as cell:
                assert cell.call(job).blobs

        bare = _median(lambda: _run([sys.executable, "-I", "-c", "import typst, yaml"]))
        yield Figure("startup.cell", _median(lambda: Cell("render", setup).close()), "ms", baseline=bare)
        yield Figure("startup.cell-first-document", _median(first_document), "ms")
