"""What runs in a cage cell to make documents: one renderer for one template, one job after the other (P10).

No Django, no database, no settings: the cell has none of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from postroom.cage.bench import BenchFault
from postroom.composition.spec import Rendered, Renderer, RenderFault, RenderJob, TextRenderer
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
        """``job``: ``view``, ``codes``, ``fixed_clock``, perhaps ``attachments`` and ``finish``; ``view`` and ``codes``
        may come as two ``blobs`` of JSON instead. Gives ``{"pages", "media_type"}`` and the document as the only blob.
        Raises BenchFault."""
        attached = tuple(job.get("attachments") or ())
        try:
            made = self._render(job, blobs, attached)
            if steps := job.get("finish"):
                made = self._finisher().finish(made, steps, job["fixed_clock"])
        except RenderFault as fault:
            raise BenchFault(fault.code, str(fault), fault.hint, fault.where) from fault
        return {"pages": made.pages, "media_type": made.media_type}, (made.content,)

    def _render(self, job: dict[str, Any], blobs: Sequence[bytes], attached: tuple[Any, ...]) -> Rendered:
        clock = job["fixed_clock"]
        if not blobs:
            return self._renderer.render(RenderJob(job["view"], job["codes"], clock, attached))
        view, codes = (str(blob, "utf-8") for blob in blobs)
        if isinstance(self._renderer, TextRenderer):
            return self._renderer.render_texts(view, codes, clock, attached)
        return self._renderer.render(RenderJob(json.loads(view), json.loads(codes), clock, attached))
