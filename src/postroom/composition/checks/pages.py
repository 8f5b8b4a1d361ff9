"""What a cell saw of a document, and how text is looked for in it: white space, hyphens and case do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Rect = tuple[float, float, float, float]
_SOFT = re.compile(r"[\s\u00ad\u200b-\u200f\u2010\u2011\u2060\ufffe-]+")
#: Rounding of a glyph's box: so much (mm) outside is inside.
SLACK = 0.2


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one font; ``cut``: a part of it is clipped away."""

    text: str
    x: float
    y: float
    w: float
    h: float
    font: str
    size: float
    colour: str
    embedded: bool
    cut: bool

    @property
    def rect(self) -> Rect:
        return self.x, self.y, self.w, self.h


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size in mm and what stands on it, in drawing order."""

    number: int
    w: float
    h: float
    runs: tuple[Run, ...]
    shapes: tuple[tuple[Any, ...], ...]
    images: tuple[tuple[Any, ...], ...]


def pages_of(seen: Sequence[Any]) -> tuple[Page, ...]:
    """The pages a cell told of."""
    return tuple(
        Page(
            number,
            one["w"],
            one["h"],
            tuple(Run(*run) for run in one["runs"]),
            tuple(map(tuple, one["shapes"])),
            tuple(map(tuple, one["images"])),
        )
        for number, one in enumerate(seen, 1)
    )


def dense(text: str) -> str:
    """Text as it is compared."""
    return _SOFT.sub("", unicodedata.normalize("NFKC", text)).casefold()


def joined(runs: Iterable[Run]) -> str:
    """The text of runs, as it is compared."""
    return dense("".join(run.text for run in runs))


def lies_in(rect: Rect, place: Rect) -> bool:
    """Whether all of ``rect`` lies in ``place``."""
    x, y, w, h = rect
    left, top, wide, tall = place
    return x >= left - SLACK and y >= top - SLACK and x + w <= left + wide + SLACK and y + h <= top + tall + SLACK


def around(runs: Sequence[Run]) -> Rect:
    """The smallest rectangle that holds them all."""
    left, top = min(run.x for run in runs), min(run.y for run in runs)
    right, low = max(run.x + run.w for run in runs), max(run.y + run.h for run in runs)
    return round(left, 2), round(top, 2), round(right - left, 2), round(low - top, 2)


def where(runs: Sequence[Run], wanted: str) -> Sequence[Run]:
    """The runs in which ``wanted``, dense, stands; none where it does not."""
    text, starts = "", []
    for run in runs:
        starts.append(len(text))
        text += dense(run.text)
    at = text.find(wanted)
    if at < 0 or not wanted:
        return ()
    starts.append(len(text))
    return [
        run for run, begin, end in zip(runs, starts, starts[1:], strict=False) if begin < at + len(wanted) and end > at
    ]


def said(rect: Rect) -> str:
    """A rectangle for people."""
    x, y, w, h = rect
    return f"{x:.1f} mm from the left, {y:.1f} mm from the top, {w:.1f} mm x {h:.1f} mm"
