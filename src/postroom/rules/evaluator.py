"""The free side of rules: one cell, used by one thread at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Sequence
from typing import Any

from postroom.cage import Answer, Cell, Fault
from postroom.rules import limits
from postroom.rules.zen_words import Said, explain

Job = tuple[dict[str, Any], Sequence[bytes]]


class Evaluator:
    """A rules cell, started at first use and again after a kill. Threads wait for each other."""

    def __init__(self, *, deadline: float = limits.JOB_SECONDS, memory: int = limits.CELL_MEMORY) -> None:
        self._deadline, self._memory = deadline, memory
        self._cell: Cell | None = None
        self._lock = threading.Lock()

    def parse(self, expressions: Sequence[str]) -> list[Said | None]:
        """What zen's parser says against each expression, None when it has nothing to say."""
        return self._asked("parse", expressions)

    def parse_cells(self, cells: Sequence[str]) -> list[Said | None]:
        """The same for the cells of decision tables (conditions on ``$``)."""
        return self._asked("parse_cells", cells)

    def run(self, jobs: Sequence[Job]) -> Generator[Answer | Fault, None, None]:
        """One result per job, in order."""
        with self._lock:
            if self._cell is None:
                self._cell = Cell("rules", {}, deadline=self._deadline, memory=self._memory)
            yield from self._cell.call_many(jobs)

    def close(self) -> None:
        """End the cell. The next use starts another."""
        with self._lock:
            if self._cell is not None:
                self._cell.close()
                self._cell = None

    def __enter__(self) -> Evaluator:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _asked(self, op: str, texts: Sequence[str]) -> list[Said | None]:
        if not texts:
            return []
        (result,) = self.run([({"op": op, "texts": list(texts)}, ())])
        if isinstance(result, Fault):
            raise result.error()
        return [None if said is None else explain(*said) for said in result.value]


_shared: dict[int, Evaluator] = {}
_guard = threading.Lock()


def shared() -> Evaluator:
    """The evaluator of this process, for callers without one of their own. A fork gets a new one."""
    with _guard:
        return _shared.setdefault(os.getpid(), Evaluator())
