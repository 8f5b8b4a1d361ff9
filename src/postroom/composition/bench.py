"""What runs in a cage cell to make documents: one renderer for one template, one job after the other (P10).

No Django, no database, no settings: the cell has none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from postroom.cage.bench import BenchFault
from postroom.composition.spec import Renderer, RenderFault, RenderJob
from postroom.kernel.registry import provider

if TYPE_CHECKING:
    from postroom.composition.finishing.apply import Finisher


class RenderBench:
    """``setup``: ``renderer`` (its name), ``pack`` (unfolded template folder), ``fonts`` (font folder)."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._setup = setup
        self._finishing: Finisher | None = None
        found: type[Renderer] = provider("renderers", setup["renderer"])
        try:
            self._renderer = found(setup["pack"], setup["fonts"])
        except RenderFault as fault:
            raise BenchFault(fault.code, str(fault), fault.hint, fault.where) from fault

    def _finisher(self) -> Finisher:
        """What does the steps of ``finish:``; most templates have none, and no cell of theirs loads it."""
        if self._finishing is None:
            from postroom.composition.finishing.apply import Finisher

            self._finishing = Finisher(self._setup["pack"], self._setup["fonts"])
        return self._finishing

    @property
    def worn(self) -> bool:
        """Whether the renderer wants a fresh cell for the next document."""
        return self._renderer.worn

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[dict[str, Any], Sequence[bytes]]:
        """``job``: ``view``, ``codes``, ``fixed_clock``, perhaps ``attachments`` and ``finish``. Gives ``{"pages",
        "media_type"}`` and the document as the only blob. Raises BenchFault."""
        attached = tuple(job.get("attachments") or ())
        try:
            made = self._renderer.render(RenderJob(job["view"], job["codes"], job["fixed_clock"], attached))
            if steps := job.get("finish"):
                made = self._finisher().finish(made, steps, job["fixed_clock"])
        except RenderFault as fault:
            raise BenchFault(fault.code, str(fault), fault.hint, fault.where) from fault
        return {"pages": made.pages, "media_type": made.media_type}, (made.content,)
