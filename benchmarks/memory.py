"""Peak memory of each worker after a short and a long run: it must not grow with the number of records.

Real worker processes, fresh ones for each run. The template is the least there can be (one heading, one line), so
that 20,000 records take a minute; a document's size does not change with the length of the run.
``BENCH_MEMORY_RECORDS=100000`` is the length the budget speaks of.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import cpu, papers
from benchmarks.figures import Figure
from benchmarks.house import house, publish, say
from postroom.kernel.home import Home

SHORT, LONG = 1_000, int(os.environ.get("BENCH_MEMORY_RECORDS", "20000"))
_SECONDS = max(240, LONG // 40)
_WORKERS = {"read": "read", "render-1": "render", "render-2": "render", "deliver": "deliver"}


def run() -> Iterator[Figure]:
    """MiB of each process after both runs, and the ratio."""
    with house() as home:
        from postroom.project.install import install_starters

        publish(papers.SLIP)
        install_starters()
        short = _peaks(home, SHORT)
        long = _peaks(home, LONG)
    for name, most in long.items():
        yield Figure(f"memory.{name}", most, f"MiB at {LONG} records", baseline=short[name])
        yield Figure(f"memory.{name}.ratio", most / short[name], "times", "<=1.3", gate=True)


def _peaks(home: Home, records: int) -> dict[str, float]:
    """Highest resident size by worker and of its cell. The two composing workers count as one: the larger."""
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run

    say(f"{records} records")
    path = papers.write_lines(home.work / f"{records}.jsonl", papers.slips(records, mail=False))
    with _workers(home, f"{records}") as workers:
        began = time.monotonic()
        run = start_run(SYSTEM, template="slip", path=path).run
        while not _composed(run.pk, records):
            assert time.monotonic() - began < _SECONDS, "the run takes too long"
            assert all(worker.poll() is None for worker in workers.values()), "a worker ended"
            time.sleep(0.5)
        say(f"{records} composed after {time.monotonic() - began:.0f} s, {_delivered(run.pk)} of them delivered")
        peaks: dict[str, float] = {}
        for name, worker in workers.items():
            kind = name.partition("-")[0]
            peaks[kind] = max(peaks.get(kind, 0.0), cpu.peak_memory(worker.pid))
            for cell in cpu.children(worker.pid):
                bench = "rules-cell" if "rules" in _opened(cell) else "render-cell"
                peaks[bench] = max(peaks.get(bench, 0.0), cpu.peak_memory(cell))
    _forget_deliveries(run.pk)
    return peaks


def _opened(pid: int) -> str:
    """What a cell is, told by the libraries it has mapped."""
    return "rules" if "/zen/" in Path(f"/proc/{pid}/maps").read_text() else "render"


def _composed(run_id: uuid.UUID, records: int) -> bool:
    from postroom.documents.models import Document

    return Document.objects.filter(run_id=run_id).count() >= records


def _delivered(run_id: uuid.UUID) -> int:
    from postroom.delivery.models import DELIVERED, Delivery

    return Delivery.objects.filter(run_id=run_id, state=DELIVERED).count()


def _forget_deliveries(run_id: uuid.UUID) -> None:
    """What is not sent yet would keep the next workers from their own run."""
    from postroom.delivery.models import READY, Delivery

    Delivery.objects.filter(run_id=run_id, state=READY).delete()


@contextmanager
def _workers(home: Home, label: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """One process for each role, so that each has a figure of its own."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, role in _WORKERS.items():
            with (home.logs / f"{label}-{name}.log").open("wb") as log:
                command = [sys.executable, "-m", "postroom.cli.app", "worker", "--roles", role]
                started[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        yield started
    finally:
        for worker in started.values():
            worker.send_signal(signal.SIGTERM)
        for worker in started.values():
            try:
                worker.wait(40)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
