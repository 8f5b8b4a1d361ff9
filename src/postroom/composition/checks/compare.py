"""What is different between two versions' pages of one record, as causes: plain facts without the record's own words.

A run of text is known by what it says. What moved only because something above it, or left of it on its line, changed
is a consequence and no cause. Values of the record are told by their path and figures by ``#``, so that records with
the same cause tell the same, and nothing personal is kept.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from postroom.composition.checks.pages import Page, Rect, Run, dense
from postroom.composition.checks.values import strings_of

Cause = dict[str, Any]
"""``kind``, ``what`` it is about, and figures: ``dx`` and ``dy`` in mm, ``by`` in pages, ``to`` what it became."""

#: Less than this (mm) is rounding.
_STILL = 0.08
#: A gone text and a new one this near (mm) are one that was reworded.
_NEAR_X, _NEAR_Y, _SAME_LINE = 25.0, 4.0, 1.2
_MANY, _MARKS, _LOOKED_AT = 3, 24, 600
_GAP_X, _GAP_Y = 12.0, 4.0
#: A shape of so many corners is a symbol, not a rule or a logo's stroke.
_SYMBOL = 150
_FIGURES = re.compile(r"[0-9]+")
_WORD = re.compile(r"[^\W\d_]{3,}")
#: So many signs of a value are known for its own even where the rest stands on another line.
_PART = 4


@dataclass(frozen=True, slots=True)
class Side:
    """One version's document: its pages, the view it was made from, and its symbols."""

    pages: tuple[Page, ...]
    view: Mapping[str, Any]
    codes: Mapping[str, str]


@dataclass(slots=True)
class Difference:
    """The causes, the first page that differs, and where on it (mm) in both versions."""

    causes: list[Cause]
    page: int = 1
    before: list[Rect] = field(default_factory=list)
    after: list[Rect] = field(default_factory=list)


def compare(before: Side, after: Side, address: Sequence[str] = ()) -> Difference:
    """What is different; no causes where both look the same. ``address``: paths of whom it goes to."""
    return _Comparison(before, after, tuple(address)).difference()


Placed = tuple[int, Run]
Pair = tuple[Placed, Placed]


class _Comparison:
    def __init__(self, before: Side, after: Side, address: tuple[str, ...]) -> None:
        self.before, self.after, self.address = before, after, address
        self.paths: dict[str, str] = {}
        for side in (after, before):
            for path, text in strings_of(side.view):
                if not path.startswith(("words.", "brand.", "blocks.", "document.decimal", "document.group")):
                    self.paths[text] = path
        self.longest = sorted((text for text in self.paths if len(text) > 1), key=len, reverse=True)
        self.dense = {dense(text): path for text, path in self.paths.items()}
        house = {word for side in (after, before) for path, text in strings_of(side.view)
                 if path.startswith(("words.", "brand.")) for word in _words(text)}  # fmt: skip
        self.theirs = {word for text in self.paths for word in _words(text)} - house
        self.causes: dict[tuple[Any, ...], Cause] = {}
        self.marks: list[tuple[int, Rect | None, Rect | None]] = []
        self.changed: list[Placed] = []
        self.pushing: list[Placed] = []

    def difference(self) -> Difference:
        pages = len(self.after.pages) - len(self.before.pages)
        if pages:
            self._cause("pages", "", by=pages)
        for name in sorted(self.before.codes.keys() | self.after.codes.keys()):
            if self.before.codes.get(name) != self.after.codes.get(name):
                self._cause("symbol", name)
        pairs, gone, new = _paired(_runs(self.before), _runs(self.after))
        self._texts(gone, new, pages)
        self._styles(pairs)
        self._moves(pairs, pages)
        if not self.causes:
            self._drawings()
        self._pictures()
        for one, other in zip(self.before.pages, self.after.pages, strict=False):
            if abs(one.w - other.w) > 0.5 or abs(one.h - other.h) > 0.5:
                self._cause("paper", f"{other.w:.0f} x {other.h:.0f} mm")
                break
        return self._told()

    def _told(self) -> Difference:
        found = Difference(list(self.causes.values()))
        if self.marks:
            found.page = min(page for page, _, _ in self.marks)
            here = [mark for mark in self.marks if mark[0] == found.page]
            found.before = _merged([rect for _, rect, _ in here if rect])
            found.after = _merged([rect for _, _, rect in here if rect])
        elif len(self.before.pages) != len(self.after.pages):
            found.page = min(len(self.before.pages), len(self.after.pages)) or 1
        return found

    def _cause(self, kind: str, what: str, **more: Any) -> None:
        key = (kind, what, *(more[name] for name in sorted(more)))
        self.causes.setdefault(key if more else (kind, what), {"kind": kind, "what": what, **more})

    def _mark(self, before: Placed | None, after: Placed | None) -> None:
        one = before or after
        if one is not None:
            page = min(place[0] for place in (before, after) if place)
            self.marks.append((
                page,
                before[1].rect if before and before[0] == page else None,
                after[1].rect if after and after[0] == page else None,
            ))  # fmt: skip

    def _texts(self, gone: list[Placed], new: list[Placed], pages: int) -> None:
        """Texts that are new, gone, or say something else in the same place."""
        left = list(new)
        for old in gone:
            other = min(
                (one for one in left if one[0] == old[0] and _near(old[1], one[1])),
                key=lambda one: (self._masked(one[1].text) != self._masked(old[1].text), _apart(old[1], one[1])),
                default=None,
            )
            was = self._masked(old[1].text)
            if other is None:
                self.pushing.append(old)
                self._cause("gone", was)
                self._mark(old, None)
                continue
            left.remove(other)
            now = self._masked(other[1].text)
            if was == now and pages and "#" in was:
                continue  # a count of pages, which follows from their number
            self.changed.append(old)
            if abs(other[1].y - old[1].y) > _SAME_LINE:
                self.pushing.append(old)
            self._cause("figures" if was == now else "reworded", was, **({} if was == now else {"to": now}))
            self._mark(old, other)
        for one in left:
            self.pushing.append(one)
            self._cause("new", self._masked(one[1].text))
            self._mark(None, one)

    def _styles(self, pairs: list[Pair]) -> None:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for old, new in pairs:
            one, other = _style(old[1]), _style(new[1])
            if one != other:
                found[one, other].append(self._subject(old[1]))
                (self.pushing if old[1].size != new[1].size else self.changed).append(old)
                self._mark(old, new)
        for (one, other), subjects in sorted(found.items()):
            self._cause("restyled", _several(subjects), was=one, to=other)

    def _moves(self, pairs: list[Pair], pages: int) -> None:
        vectors: dict[tuple[float, float], list[str]] = defaultdict(list)
        moved: list[tuple[tuple[float, float], Placed, Placed]] = []
        for old, new in pairs:
            dx, dy = new[1].x - old[1].x, new[1].y - old[1].y
            if old[0] != new[0]:
                if not pages and not self._follows(old, 0.0, True):
                    self._cause("other_page", self._subject(old[1]))
                    self._mark(old, new)
            elif (abs(dx) > _STILL or abs(dy) > _STILL) and not self._follows(old, dx, bool(pages)):
                vector = (round(dx, 1) + 0.0, round(dy, 1) + 0.0)
                moved.append((vector, old, new))
        for vector, old, new in moved:
            vectors[vector].append(self._subject(old[1]))
            self._mark(old, new)
        for (dx, dy), subjects in sorted(vectors.items()):
            whole = len(subjects) > 4 and len(subjects) >= 0.9 * len(pairs)
            self._cause("moved", "everything" if whole else _several(subjects), dx=dx, dy=dy)

    def _follows(self, old: Placed, dx: float, pages: bool) -> bool:
        """Whether it moved because of something else: below a line that is new, gone or of another size, beside a
        change on its own line, or because pages break elsewhere."""
        page, run = old
        for at, other in self.pushing:
            if at < page or (at == page and abs(dx) <= _STILL and run.y + run.h > other.y):
                return True
        for at, other in (*self.changed, *self.pushing):
            if at == page and abs(other.y + other.h - run.y - run.h) < _SAME_LINE:
                return True
        return pages and abs(dx) <= _STILL

    def _drawings(self) -> None:
        """Rules, boxes and symbols; asked only where no text differs, as they move with it."""
        for one, other in zip(self.before.pages, self.after.pages, strict=False):
            was, now = Counter(map(_shape, one.shapes)), Counter(map(_shape, other.shapes))
            for shapes, first in ((was - now, True), (now - was, False)):
                for x, y, w, h, _, corners in shapes:
                    self.marks.append((one.number, (x, y, w, h) if first else None, None if first else (x, y, w, h)))
                    self._cause("drawing", "symbol" if corners >= _SYMBOL else "")

    def _pictures(self) -> None:
        for one, other in zip(self.before.pages, self.after.pages, strict=False):
            was, now = [image[4] for image in one.images], [image[4] for image in other.images]
            if sorted(was) != sorted(now):
                self._cause("picture", "")
                for images, first in ((one.images, True), (other.images, False)):
                    for image in images[:4]:
                        rect = (image[0], image[1], image[2], image[3])
                        self.marks.append((one.number, rect if first else None, None if first else rect))

    def _subject(self, run: Run) -> str:
        masked = self._masked(run.text)
        if self.address and any(f"{{{path}" in masked for path in self.address) and run.y < 120:
            return "address"
        return masked

    def _masked(self, text: str) -> str:
        """The text without anything of the record: ``{customer.name}``, ``Page # of #``."""
        told = " ".join(text.split())
        known = self.paths.get(told) or self._part_of(dense(told))
        if known is not None:
            return f"{{{known}}}"
        places: list[str] = []
        for value in self.longest:
            if value in told and (len(value) > 3 or re.search(rf"\b{re.escape(value)}\b", told)):
                told = told.replace(value, f"\0{len(places)}\0")
                places.append(self.paths[value])
                if len(places) == 6:
                    break
        pieces = re.split("\0([0-9]+)\0", told)
        shown = [f"{{{places[int(piece)]}}}" if index % 2 else self._fixed(piece) for index, piece in enumerate(pieces)]
        return "".join(shown)[:120]

    def _part_of(self, text: str) -> str | None:
        """The path of a value of which a line shows a part only, or in capitals."""
        whole = self.dense.get(text)
        if whole is not None or len(text) < _PART:
            return whole
        return next((path for value, path in self.dense.items() if text in value), None)

    def _fixed(self, text: str) -> str:
        """Text between values: words of the record that a line break parted from the rest do not show either."""
        kept = _WORD.sub(lambda word: "…" if word[0].casefold() in self.theirs else word[0], text)
        return _FIGURES.sub("#", kept)


def _merged(rects: list[Rect]) -> list[Rect]:
    """Places that nearly touch are one place, so that a page shows what differs and not a box for each word."""
    places: list[Rect] = []
    for rect in rects[:_LOOKED_AT]:
        here = rect
        while (near := next((one for one in places if _touch(one, here)), None)) is not None:
            places.remove(near)
            left, top = min(near[0], here[0]), min(near[1], here[1])
            right, low = max(near[0] + near[2], here[0] + here[2]), max(near[1] + near[3], here[1] + here[3])
            here = (round(left, 2), round(top, 2), round(right - left, 2), round(low - top, 2))
        places.append(here)
    return places[:_MARKS]


def _touch(one: Rect, other: Rect) -> bool:
    return (
        one[0] < other[0] + other[2] + _GAP_X
        and other[0] < one[0] + one[2] + _GAP_X
        and one[1] < other[1] + other[3] + _GAP_Y
        and other[1] < one[1] + one[3] + _GAP_Y
    )


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(side: Side) -> list[Placed]:
    return [(page.number, run) for page in side.pages for run in page.runs]


def _paired(before: list[Placed], after: list[Placed]) -> tuple[list[Pair], list[Placed], list[Placed]]:
    """Runs that say the same, in their order, those on the same page first; what is only before; what is only after."""
    there: dict[str, list[Placed]] = defaultdict(list)
    for one in after:
        there[" ".join(one[1].text.split())].append(one)
    pairs, gone = [], []
    for old in before:
        others = there[" ".join(old[1].text.split())]
        same = min(
            range(len(others)),
            key=lambda index: (others[index][0] != old[0], _apart(old[1], others[index][1]) > 60, index),
            default=None,
        )
        if same is None:
            gone.append(old)
        else:
            pairs.append((old, others.pop(same)))
    rest = {id(one) for others in there.values() for one in others}
    return pairs, gone, [one for one in after if id(one) in rest]


def _near(one: Run, other: Run) -> bool:
    level = abs(one.y + one.h - other.y - other.h) < _NEAR_Y
    return level and (abs(one.x - other.x) < _NEAR_X or abs(one.x + one.w - other.x - other.w) < _NEAR_X)


def _apart(one: Run, other: Run) -> float:
    return abs(one.x - other.x) + abs(one.y - other.y)


def _style(run: Run) -> str:
    return f"{run.font} {run.size:.1f} pt {run.colour}".strip()


def _shape(shape: Sequence[Any]) -> tuple[Any, ...]:
    x, y, w, h, colour, corners = shape
    return round(x, 1), round(y, 1), round(w, 1), round(h, 1), colour, corners


def _several(subjects: Sequence[str]) -> str:
    """Up to three subjects by name; then only that there are several, so that records with and without some agree."""
    named = sorted(set(subjects))
    return ", ".join(named) if len(named) <= _MANY else "several"
