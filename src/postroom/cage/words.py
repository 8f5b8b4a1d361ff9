"""What comes back from a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from postroom.cage.errors import JobFailed, JobStopped

#: Faults the cage itself finds; every other code is a bench's own.
STOPPED = frozenset({"deadline", "memory"})


class Answer(NamedTuple):
    """The result of one job: a plain JSON value and raw bytes."""

    value: Any
    blobs: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one job gave no answer. ``code`` is ``deadline``, ``memory``, ``crashed`` or a code of the bench."""

    code: str
    reason: str
    hint: str = ""
    where: str = ""

    def error(self) -> JobStopped | JobFailed:
        """The fault as an error to raise, for callers with one job only."""
        kind = JobStopped if self.code in STOPPED else JobFailed
        return kind(self.reason, hint=self.hint, fault=self.code, where=self.where)
