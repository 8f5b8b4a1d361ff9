"""Two renderers of a stranger's package, so that everything but rendering can be measured.

They are installed for the length of one bench (``benchmarks.overlay``) and found by entry point like anybody else's;
they run in a cell and are asked for one document after the other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from postroom.composition.spec import Rendered, RenderJob, TextRenderer

#: About the size of one page that shares its fonts with all others. Bytes that do not shrink, as those of a PDF.
_CONTENT = b"%PDF-1.7 nothing\n" + b"".join((number * 2654435761 % 2**32).to_bytes(4, "big") for number in range(500))
#: CPU seconds of one page of the burning lane: a simple page of Typst's.
_BURN = 0.004


class NullRenderer(TextRenderer):
    """Costs nothing: the same bytes for each record. It takes its data as texts, as Typst does."""

    name: ClassVar[str] = "null"
    promises: ClassVar[frozenset[str]] = frozenset({"pdf/a-2b"})
    reproducible: ClassVar[bool] = True

    @classmethod
    def engine(cls) -> str:
        return "null 1"

    def __init__(self, pack: str, fonts: str) -> None:
        self._made: Any = Rendered(_CONTENT, "application/pdf", 1)

    def render(self, job: RenderJob) -> Rendered:
        made: Rendered = self._made
        return made

    def render_texts(
        self, view: str, codes: str, fixed_clock: int, attachments: tuple[Mapping[str, str], ...] = ()
    ) -> Rendered:
        return self.render(RenderJob({}, {}, fixed_clock))


class BurnRenderer(NullRenderer):
    """Costs CPU and nothing else, by its own thread's clock: a busy machine gives it less, never less of it."""

    name: ClassVar[str] = "burn"

    @classmethod
    def engine(cls) -> str:
        return "burn 1"

    def render(self, job: RenderJob) -> Rendered:
        end = time.thread_time() + _BURN
        while time.thread_time() < end:
            pass
        return super().render(job)
