"""Composing a chunk: prepared records go into a caged renderer, finished documents come out, one fault at most each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from postroom.cage import Cell, Fault
from postroom.composition import fonts
from postroom.composition.prepare import Prepared
from postroom.composition.queries import LivePack
from postroom.composition.spec import Rendered

#: Cells kept warm by one thread; each holds one template version.
_KEPT = 3
_LOCAL = threading.local()


@dataclass(frozen=True, slots=True)
class Unmade:
    """A document that could not be composed, and why."""

    code: str
    reason: str
    hint: str
    where: str = ""


def compose(live: LivePack, prepared: Iterable[Prepared], *, unproven: bool = False) -> Iterator[Rendered | Unmade]:
    """One result per prepared record, in order. A template that loops or eats memory costs its own document only.

    Raises ToolchainNotAccepted where an upgrade would change the bytes and nobody agreed to it yet; not with
    ``unproven``, for whoever makes documents only to compare them.
    """
    if not unproven:
        from postroom.composition.proofs import require  # which makes samples, with this module

        require(live.version)
    cell = _cell(live)
    jobs = (({"view": one.view, "codes": one.codes, "fixed_clock": one.fixed_clock}, ()) for one in prepared)
    for answer in cell.call_many(jobs):
        if isinstance(answer, Fault):
            yield Unmade(answer.code, answer.reason, answer.hint, answer.where)
        else:
            yield Rendered(answer.blobs[0], answer.value["media_type"], answer.value["pages"])


def _cell(live: LivePack) -> Cell:
    kept: OrderedDict[object, Cell] = _LOCAL.__dict__.setdefault("cells", OrderedDict())
    key = live.version.pk
    cell = kept.get(key)
    if cell is None:
        while len(kept) >= _KEPT:
            kept.popitem(last=False)[1].close()
        setup = {"renderer": live.version.lane, "pack": str(live.folder), "fonts": str(fonts.folder())}
        cell = Cell(
            "render",
            setup,
            deadline=settings.CONFIG.render_deadline,
            memory=settings.CONFIG.render_memory,
        )
        kept[key] = cell
    kept.move_to_end(key)
    return cell


def close_cells() -> None:
    """End this thread's cells."""
    for cell in _LOCAL.__dict__.pop("cells", {}).values():
        cell.close()
