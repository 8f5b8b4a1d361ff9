"""Composing a chunk: prepared records go into a caged renderer, finished documents come out, one fault at most each."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings

from postroom.cage import Answer, Cell, Fault
from postroom.cage.keeper import Job, as_text
from postroom.composition import fonts
from postroom.composition.einvoice.check import close_cell
from postroom.composition.einvoice.make import Written, sealed
from postroom.composition.prepare import Prepared
from postroom.composition.problems import RecordProblem
from postroom.composition.queries import LivePack
from postroom.composition.spec import Rendered
from postroom.composition.view_text import view_text
from postroom.kernel import registry

#: Cells kept warm by one thread; each holds one template version, with or without families that stand in.
_KEPT = 3
_LOCAL = threading.local()


@dataclass(frozen=True, slots=True)
class Unmade:
    """A document that could not be composed, and why."""

    code: str
    reason: str
    hint: str
    where: str = ""
    problems: tuple[RecordProblem, ...] = ()


def compose(live: LivePack, prepared: Iterable[Prepared], *, unproven: bool = False) -> Iterator[Rendered | Unmade]:
    """One result per prepared record, in order. A template that loops or eats memory costs its own document only.

    Raises ToolchainNotAccepted where an upgrade would change the bytes and nobody agreed to it yet; not with
    ``unproven``, for whoever makes documents only to compare them.
    """
    if not unproven:
        from postroom.composition.proofs import require  # which makes samples, with this module

        require(live.version)
    for families, alike in groupby(prepared, key=attrgetter("fonts")):
        yield from _composed(_cell(live, families), alike)


def _composed(cell: Cell, prepared: Iterable[Prepared]) -> Iterator[Rendered | Unmade]:
    """Those that follow each other and are set with the same families."""
    sent: deque[Prepared] = deque()
    jobs = _jobs(prepared, sent)
    for answer in cell.call_many(jobs):
        one = sent.popleft()
        if isinstance(answer, Fault):
            yield Unmade(answer.code, answer.reason, answer.hint, answer.where)
        elif one.einvoice:
            yield _looked_at(one, one.einvoice, answer)
        else:
            yield Rendered(answer.blobs[0], answer.value["media_type"], answer.value["pages"])


def _jobs(prepared: Iterable[Prepared], sent: deque[Prepared]) -> Iterator[Job]:
    for one in prepared:
        sent.append(one)
        job: dict[str, Any] = {"fixed_clock": one.fixed_clock}
        if one.einvoice:
            job["attachments"] = one.einvoice.attachments()
        if one.finish:
            job["finish"] = list(one.finish)
        yield job, (view_text(one.view), as_text(one.codes) if one.codes else b"{}")


def _looked_at(one: Prepared, einvoice: Written, answer: Answer) -> Rendered | Unmade:
    """An e-invoice goes on when the official rules hold and the page states what the XML states."""
    content, problems = sealed(einvoice, answer.blobs[0], one.facts.language)
    if problems:
        first = problems[0]
        return Unmade(first.code, first.reason, first.hint, problems=tuple(problems))
    return Rendered(content, answer.value["media_type"], answer.value["pages"])


def _cell(live: LivePack, families: tuple[str, ...]) -> Cell:
    """A warm one. Documents that need fonts to stand in are made by another than those that do not."""
    kept: OrderedDict[object, Cell] = _LOCAL.__dict__.setdefault("cells", OrderedDict())
    key = live.version.pk, families
    cell = kept.get(key)
    if cell is None:
        while len(kept) >= _KEPT:
            kept.popitem(last=False)[1].close()
        named = (*live.pack.manifest.fonts, *families)
        setup = {"renderer": live.version.lane, "pack": str(live.wide(families)), "fonts": str(fonts.folder(named))}
        needs = registry.provider("renderers", live.version.lane).needs()
        cell = Cell(
            "render",
            setup,
            deadline=settings.CONFIG.render_deadline,
            memory=max(settings.CONFIG.render_memory, needs.memory),
            read=needs.read,
            scratch=needs.scratch,
        )
        kept[key] = cell
    kept.move_to_end(key)
    return cell


def close_cells() -> None:
    """End this thread's cells."""
    for cell in _LOCAL.__dict__.pop("cells", {}).values():
        cell.close()
    close_cell()
