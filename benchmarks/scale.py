"""What happens when there is more of everything: a long run, a second worker, somebody at the desk meanwhile.

The renderers are the null one (``scale.long``) and one that burns CPU for a fixed time (``scale.workers``), both from a
stranger's package (``benchmarks.overlay``). ``BENCH_SCALE_DOCUMENTS=1000000`` makes the long run a million.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import cpu, overlay, papers
from benchmarks.figures import Figure, percentile
from benchmarks.floor import chunks_in, chunks_of, data_of
from benchmarks.house import house, postmaster, publish, say
from benchmarks.writers import Took, writers
from postroom.kernel.home import Home

SHORT = 10_000
LONG = int(os.environ.get("BENCH_SCALE_DOCUMENTS", "200000"))
BURNT, TURNS = int(os.environ.get("BENCH_SCALE_BURNT", "1200")), 3


def run() -> Iterator[Figure]:
    """The ratios, and what they are made of."""
    return overlay.within("benchmarks.scale")


def _measured() -> Iterator[Figure]:
    with house(allowed_hosts="testserver") as home:
        from postroom.project.install import install_starters

        publish(papers.slip("null", mail=False), shows=False)
        publish(papers.slip("burn", mail=False, key="burnt"), shows=False)
        install_starters()
        yield from _workers(home)
        yield from _long(home)


def _workers(home: Home) -> Iterator[Figure]:
    """Documents a second of two workers beside one, in turns; the turn with the median ratio counts."""
    pairs = []
    for turn in range(TURNS):
        say(f"turn {turn + 1} of {TURNS}: one worker and two, {BURNT} documents each")
        rates = []
        for count in (1, 2):
            with writers(home, count) as ready:
                ready.compose(chunks_of(home, f"w{turn}{count}", 200 * count, "burnt"))
                took = ready.compose(chunks_of(home, f"b{turn}{count}", BURNT, "burnt"))
            rates.append(BURNT / took.wall)
        pairs.append((rates[1] / rates[0], *rates))
    ratio, one, two = sorted(pairs)[len(pairs) // 2]
    yield Figure("scale.one-worker", one, "documents/s")
    yield Figure("scale.two-workers", two, "documents/s", baseline=one)
    yield Figure("scale.workers", ratio, "times one", ">=1.8", gate=True)


def _long(home: Home) -> Iterator[Figure]:
    """CPU of a document, all processes and PostgreSQL, in a short run and in a long one; and writes meanwhile."""
    with writers(home, 2) as ready:
        ready.compose(chunks_of(home, "warm", 2_000))
        short = _cost(home, ready, data_of(home, "short", SHORT), SHORT)
        say(f"writing the data of a run of {LONG}")  # before anybody is at the desk, who shares this process
        data = data_of(home, "long", LONG)
        desk = Desk()
        desk.write()  # what is loaded once is not what is measured
        with desk:
            long = _cost(home, ready, data, LONG)
    yield Figure("scale.short", short * 1e6, f"us of CPU/document, run of {SHORT}")
    yield Figure("scale.long", long * 1e6, f"us of CPU/document, run of {LONG}", baseline=short * 1e6)
    yield Figure("scale.ratio", long / short, "times", "<=1.2", gate=True)
    say(f"{len(desk.taken)} writes at the desk meanwhile")
    yield Figure("scale.web-write.median", statistics.median(desk.taken), "ms")
    yield Figure("scale.web-write.p95", percentile(desk.taken, 0.95), "ms")
    yield Figure("scale.web-write.worst", max(desk.taken), f"ms of {len(desk.taken)}", "<=250")


def _cost(home: Home, ready: Any, data: Path, count: int) -> float:
    """CPU seconds of a document from the parcel to the commit. The desk's thread is not counted."""
    say(f"a run of {count}")
    database = postmaster(home)
    began, before = time.thread_time(), cpu.of_family(database)
    chunks = chunks_in(data)
    reading = time.thread_time() - began + cpu.of_family(database) - before
    took: Took = ready.compose(chunks)
    return (reading + took.own + took.cells + took.database) / count


class Desk:
    """Somebody who keeps writing while it is entered: every half second a party's portal links are withdrawn, by the
    whole stack of the web process (session, permission, form, row) and with an entry of the ledger, whose chain the
    run's workers hold in turn."""

    def __init__(self) -> None:
        from benchmarks.pages import _signed_in
        from postroom.parties.models import Party

        self._browser: Any = _signed_in("clerk")
        self._parties = list(Party.objects.values_list("pk", flat=True)[:200])
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="bench-desk")
        self.taken: list[float] = []
        self._wrong: Exception | None = None

    def write(self) -> None:
        """One write."""
        party = self._parties[len(self.taken) % len(self._parties)]
        began = time.monotonic()
        answer = self._browser.post(f"/parties/{party}/revoke-links/")
        took = (time.monotonic() - began) * 1000
        assert answer.status_code < 400, (answer.status_code, answer.content[:300])
        self.taken.append(took)

    def _go_on(self) -> None:
        from django.db import connections

        try:
            while not self._leave.wait(0.5):
                self.write()
        except Exception as error:  # told by whoever leaves, since a thread's own death is silent
            self._wrong = error
        finally:
            connections.close_all()

    def __enter__(self) -> Desk:
        self.taken.clear()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._leave.set()
        self._thread.join()
        if self._wrong is not None:
            raise self._wrong


if __name__ == "__main__":
    overlay.tell(_measured())
