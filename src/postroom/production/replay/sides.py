"""One record made by two versions, and what is different between the two documents."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from postroom.cage.errors import JobFailed, JobStopped
from postroom.composition.checks import painter
from postroom.composition.checks.causes import CHANGED, IDENTICAL, MENDED, NEITHER, UNMADE, group_of
from postroom.composition.checks.compare import Cause, Side, compare
from postroom.composition.checks.pages import Rect, pages_of
from postroom.composition.compose import Unmade, close_cells, compose
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.problems import RecordRefused
from postroom.composition.queries import LivePack
from postroom.composition.replay import record_of

_STEP = re.compile(r"\[[0-9]+\]")
_FIGURES = re.compile(r"[0-9]+([.,][0-9]+)?")
#: Faults whose reason is the template's own words and never the record's.
_WORDED = frozenset({"address-does-not-fit", "time", "memory", "crashed"})


@dataclass(slots=True)
class Made:
    """What one version makes of a record: a document, or the cause that there is none."""

    content: bytes = b""
    pages: int = 0
    prepared: Prepared | None = None
    cause: Cause | None = None
    seen: list[Any] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Of the bytes, or of the reason."""
        return hashlib.sha256(self.content or repr(sorted((self.cause or {}).items())).encode()).hexdigest()


@dataclass(slots=True)
class Verdict:
    """What came of a record; the documents go when it is noted."""

    outcome: str
    causes: list[Cause]
    before: Made
    after: Made
    page: int = 1
    marks_before: list[Rect] = field(default_factory=list)
    marks_after: list[Rect] = field(default_factory=list)

    @property
    def group(self) -> str:
        return group_of(self.outcome, self.causes)

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.before.digest} {self.after.digest}".encode()).hexdigest()


class Bench:
    """Both versions with warm cells, each in a thread of its own. A context manager."""

    def __init__(self, before: LivePack, after: LivePack) -> None:
        self.before, self.after = before, after
        recipient = after.pack.manifest.recipient
        self.address = [path for path in (recipient.name, recipient.address) if path]

    def __enter__(self) -> Bench:
        self._one = ThreadPoolExecutor(1, thread_name_prefix="replay-before")
        self._other = ThreadPoolExecutor(1, thread_name_prefix="replay-after")
        return self

    def __exit__(self, *exc: object) -> None:
        for hand in (self._one, self._other):
            hand.submit(_clear_up).result()
            hand.shutdown()

    def verdicts(self, stored: Sequence[bytes | None]) -> list[Verdict]:
        """On the canonical data of records; None for one that is destroyed."""
        there = [one for one in stored if one is not None]
        befores = self._one.submit(_made, self.before, there)
        afters = self._other.submit(_made, self.after, there)
        pairs = list(zip(befores.result(), afters.result(), strict=True))
        unlike = [
            (one, other) for one, other in pairs if one.content and other.content and one.content != other.content
        ]
        first = self._one.submit(_look, [one for one, _ in unlike])
        self._other.submit(_look, [other for _, other in unlike]).result()
        first.result()
        found = iter(pairs)
        return [_destroyed() if one is None else self._verdict(*next(found)) for one in stored]

    def painted(self, verdict: Verdict, width: int) -> tuple[bytes, bytes]:
        """The page that differs first, of both, with what differs outlined; empty where there is no such page."""
        jobs = (
            (self._one, verdict.before, verdict.marks_before),
            (self._other, verdict.after, verdict.marks_after),
        )
        asked = [hand.submit(_paint, made, verdict.page, width, marks) for hand, made, marks in jobs]
        before, after = (one.result() for one in asked)
        return before, after

    def _verdict(self, before: Made, after: Made) -> Verdict:
        if before.cause and after.cause:
            return Verdict(NEITHER, [after.cause], before, after)
        if after.cause:
            return Verdict(UNMADE, [after.cause], before, after)
        if before.cause:
            return Verdict(MENDED, [before.cause], before, after)
        if before.content == after.content:
            return Verdict(IDENTICAL, [], before, after)
        if not (before.seen and after.seen and before.prepared and after.prepared):
            return Verdict(CHANGED, [{"kind": "unseen", "what": ""}], before, after)
        told = compare(
            Side(pages_of(before.seen), before.prepared.view, before.prepared.codes),
            Side(pages_of(after.seen), after.prepared.view, after.prepared.codes),
            self.address,
        )
        causes = told.causes or [{"kind": "unseen", "what": ""}]
        return Verdict(CHANGED, causes, before, after, told.page, told.before, told.after)


def _destroyed() -> Verdict:
    gone = Made(cause={"kind": "destroyed", "what": ""})
    return Verdict(NEITHER, [{"kind": "destroyed", "what": ""}], gone, gone)


def _made(live: LivePack, stored: Sequence[bytes]) -> list[Made]:
    """One for each record, in order."""
    todo: list[Made] = []
    for data in stored:
        try:
            todo.append(Made(prepared=prepare(live.pack, record_of(data, live.pack.contract.shape))))
        except RecordRefused as refused:
            first = refused.problems[0]
            todo.append(Made(cause={"kind": "refused", "what": first.code, "to": _STEP.sub("[]", first.path)}))
        except ValueError:  # what was stored is no JSON
            todo.append(Made(cause={"kind": "refused", "what": "unreadable", "to": "$"}))
    results = compose(live, (one.prepared for one in todo if one.prepared is not None), unproven=True)
    for one in todo:
        if one.prepared is None:
            continue
        result = next(results)
        if isinstance(result, Unmade):
            told = _FIGURES.sub("#", result.reason)[:200] if result.code in _WORDED else result.where
            one.cause = {"kind": "not_composed", "what": result.code, "to": told}
        else:
            one.content, one.pages = result.content, result.pages
    return todo


def _look(made: Sequence[Made]) -> None:
    for one in made:
        try:
            one.seen = painter.call({"op": "look"}, one.content).value["pages"]
        except (JobStopped, JobFailed):
            one.seen = []  # told as different without a cause that can be named


def _paint(made: Made, page: int, width: int, marks: Sequence[Rect]) -> bytes:
    if not made.content or not 1 <= page <= made.pages:
        return b""
    job = {"op": "paint", "page": page, "width": width, "boxes": [list(rect) for rect in marks]}
    try:
        return painter.call(job, made.content).blobs[0]
    except (JobStopped, JobFailed):
        return b""


def _clear_up() -> None:
    close_cells()
    painter.close()
