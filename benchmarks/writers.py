"""Composing workers in processes of their own that do what they are told: so many chunks, from one moment on.

``python -m benchmarks.writers [--no-search]`` boots, then answers each line of chunk ids (JSON) with what it took:
CPU seconds of this process and of its cells, and wall seconds. A worker's queue is not part of it (one task for 200
documents); everything from claim to commit is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import cpu
from postroom.kernel.home import Home


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds: of the writers' CPU, of their cells' CPU, of PostgreSQL's CPU, by the clock."""

    own: float
    cells: float
    database: float
    wall: float


class Writers:
    """Started by ``writers``."""

    def __init__(self, children: Sequence[subprocess.Popen[str]], database: int) -> None:
        self._children, self._database = children, database

    def compose(self, chunks: Sequence[uuid.UUID]) -> Took:
        """All of ``chunks``, dealt out in turn; back when the last writer is done."""
        count = len(self._children)
        began, before = time.monotonic(), cpu.of_family(self._database)
        for number, child in enumerate(self._children):
            assert child.stdin is not None
            child.stdin.write(json.dumps([str(chunk) for chunk in chunks[number::count]]) + "\n")
            child.stdin.flush()
        told = [self._answer(child) for child in self._children]
        wall, database = time.monotonic() - began, cpu.of_family(self._database) - before
        return Took(sum(each["own"] for each in told), sum(each["cells"] for each in told), database, wall)

    @staticmethod
    def _answer(child: subprocess.Popen[str]) -> Any:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line, f"a writer ended ({child.poll()})"
        return json.loads(line)


@contextmanager
def writers(home: Home, count: int, *, search: bool = True) -> Iterator[Writers]:
    """``count`` processes that are ready for their first chunk."""
    from benchmarks.house import postmaster

    command = [sys.executable, "-m", "benchmarks.writers", *([] if search else ["--no-search"])]
    with ExitStack() as stack:
        children = []
        for _ in range(count):
            child = stack.enter_context(
                subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
                )
            )
            stack.callback(_end, child)
            children.append(child)
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline().strip() == "ready"
        yield Writers(children, postmaster(home))


def _end(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.close()
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        child.kill()


def main(search: bool) -> None:
    """Serve until standard input ends."""
    from postroom.project.boot import boot

    boot()
    if not search:
        from postroom.documents import rows

        setattr(rows, "rows_of", lambda _: ())  # noqa: B010  (the name is imported there, not declared)
    from postroom.composition.compose import close_cells
    from postroom.kernel import liveness
    from postroom.production import heap
    from postroom.production.pipeline import compose_chunk

    print("ready", flush=True)
    for line in sys.stdin:
        began = time.monotonic()
        own, cells = time.process_time(), _cells()
        for chunk in json.loads(line):
            compose_chunk(uuid.UUID(chunk))
            heap.settle()  # as a worker does after its first chunk
        took = {
            "own": time.process_time() - own,
            "cells": _cells() - cells,
            "wall": time.monotonic() - began,
        }
        print(json.dumps(took), flush=True)
    close_cells()
    liveness.current().release()


def _cells() -> float:
    return cpu.of_processes(cpu.children(os.getpid()))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main("--no-search" not in sys.argv[1:])
