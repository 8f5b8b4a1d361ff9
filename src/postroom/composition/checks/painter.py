"""The cell that looks at documents and paints their pages, one for each thread that asks."""

from __future__ import annotations

import threading
from typing import Any

from django.conf import settings

from postroom.cage import Cell
from postroom.cage.words import Answer

_LOCAL = threading.local()


def call(job: dict[str, Any], content: bytes) -> Answer:
    """The answer of this thread's cell. Raises JobStopped, JobFailed."""
    cell: Cell | None = getattr(_LOCAL, "cell", None)
    if cell is None:
        cell = _LOCAL.cell = Cell(
            "postroom.composition.checks.bench:LookBench",
            {},
            deadline=settings.CONFIG.render_deadline,
            memory=settings.CONFIG.render_memory,
        )
    return cell.call(job, [content])


def close() -> None:
    """End this thread's cell."""
    cell = _LOCAL.__dict__.pop("cell", None)
    if cell is not None:
        cell.close()
