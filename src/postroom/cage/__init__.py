"""The one place that starts killable processes (P10).

Foreign code (templates, rules) never runs in a process that holds a database connection, a key or a socket. It
runs in a *cell*: a fresh Python process that locks itself in, then imports one *bench* and answers jobs over a
pipe. A job that loops, eats memory or crashes costs one cell and one fault; the jobs after it go on.

    with Cell("rules", {}) as cell:
        answer = cell.call({"op": "echo"}, [b"bytes"])

The names below are loaded when first used, because the cell itself imports this package and must start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from postroom.cage.bench import Bench, BenchFault
    from postroom.cage.errors import CellNotStarted, JobFailed, JobStopped, NotPlain
    from postroom.cage.keeper import Cell
    from postroom.cage.levels import Level, level
    from postroom.cage.words import Answer, Fault

__all__ = [
    "Answer",
    "Bench",
    "BenchFault",
    "Cell",
    "CellNotStarted",
    "Fault",
    "JobFailed",
    "JobStopped",
    "Level",
    "NotPlain",
    "level",
]

_HOME = {
    "Answer": "words",
    "Bench": "bench",
    "BenchFault": "bench",
    "Cell": "keeper",
    "CellNotStarted": "errors",
    "Fault": "words",
    "JobFailed": "errors",
    "JobStopped": "errors",
    "Level": "levels",
    "NotPlain": "errors",
    "level": "levels",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"postroom.cage.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
