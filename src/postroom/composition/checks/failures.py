"""What a test found wrong: where it is asserted, in which document, on which page and at which place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from postroom.composition.problems import Problem

Rect = tuple[float, float, float, float]
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Failure:
    """``file`` and ``line`` are those of the assertion, or of the sample where a rule of the house failed. ``rects``
    are the places, in mm, to be outlined on ``page`` (0: no page)."""

    code: str
    file: str
    line: int
    sample: str
    language: str
    what: str
    hint: str = ""
    page: int = 0
    rects: tuple[Rect, ...] = ()

    def problem(self) -> Problem:
        """As a fault of the template's folder."""
        place = f", page {self.page}" if self.page else ""
        return Problem(self.file, self.line, f"{self.sample} in {self.language}{place}: {self.what}", self.hint)

    def plain(self) -> dict[str, Any]:
        """As plain JSON."""
        return {**asdict(self), "rects": [list(rect) for rect in self.rects]}


def failure_of(plain: dict[str, Any]) -> Failure:
    """The failure ``plain`` came of."""
    return Failure(**{**plain, "rects": tuple((x, y, w, h) for x, y, w, h in plain["rects"])})


def problems_of(failures: Sequence[Failure]) -> list[Problem]:
    """At most forty, and how many more there are; equal words in several languages and samples are told once each."""
    told = [failure.problem() for failure in failures[:_SHOWN]]
    rest = len(failures) - len(told)
    if rest > 0:
        told.append(Problem("tests/", 0, f"And {rest} more failures.", "Run `postroom template test` to see them all."))
    return told


def by_place(failures: Iterable[Failure]) -> list[Failure]:
    """In the order of files, lines, samples."""
    return sorted(failures, key=lambda one: (one.file, one.line, one.sample, one.language, one.page, one.what))
