"""The Word lane: a letter written in Word with plain fields, filled in here and turned into PDF by LibreOffice.

LibreOffice writes the time and identifiers of its own into each file, so equal input does not give equal bytes: what
is made is kept, and not made again (P5).
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import yaml

from postroom.composition.spec import Needs, Pages, Rendered, Renderer, RenderFault, RenderJob
from postroom.plugins.renderers._office import INSTALL, Office, folders, program, release

if TYPE_CHECKING:
    from postroom.composition.spec import Problem
    from postroom.plugins.renderers._docx_fill import WordTemplate

#: Documents after which a cell is replaced: LibreOffice grows.
LIFE = 200
_SCRATCH = 256 << 20
_MEMORY = 4 << 30
_STARTED: list[Office] = []


class WordRenderer(Renderer):
    """Renders one template; opened once, with a LibreOffice that stays."""

    name: ClassVar[str] = "word"
    promises: ClassVar[frozenset[str]] = frozenset({"pdf/a-2b"})
    reproducible: ClassVar[bool] = False
    entry: ClassVar[str] = "main.docx"
    pages: ClassVar[str] = r"main\.docx"
    opens_passages: ClassVar[bool] = True

    @classmethod
    def missing(cls) -> str:
        """LibreOffice, or the package of the extra ``word``."""
        try:
            version("docxtpl")
        except PackageNotFoundError:
            return "The package docxtpl is not installed; `pip install postroom[word]` adds it."
        return "" if program() else f"LibreOffice is not installed. {INSTALL}"

    @classmethod
    def engine(cls) -> str:
        """LibreOffice and its version."""
        return f"libreoffice {release() or '0 (not installed)'}"

    @classmethod
    def needs(cls) -> Needs:
        """LibreOffice's own files, a folder for its profile, and room for its libraries."""
        return Needs(read=folders(), scratch=_SCRATCH, memory=_MEMORY)

    @classmethod
    def check(cls, pages: Pages) -> list[Problem]:
        """What the document holds, and its fields."""
        from postroom.plugins.renderers._docx_check import check

        return check(pages)

    def __init__(self, pack: str, fonts: str) -> None:
        lack = self.missing()
        if lack:
            raise RenderFault("lane-not-installed", lack, "Install it where the workers run, then start them again.")
        root = Path(pack).resolve()
        manifest: dict[str, Any] = yaml.load((root / "template.yaml").read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506  (texts only)
        entry = manifest.get("entry", self.entry)
        self._promises = tuple(manifest.get("promises", ["pdf/a-2b"]))
        self._template = _opened((root / entry).read_bytes(), entry)
        if not _STARTED:
            _STARTED.append(Office(Path(fonts).resolve(), *manifest["fonts"]))
        self._made = 0

    def render(self, job: RenderJob) -> Rendered:
        """Make one document. Raises RenderFault."""
        import pypdfium2

        content = _STARTED[0].pdf(self._template.filled(job), self._promises)
        self._made += 1
        self.worn = self._made >= LIFE
        read = pypdfium2.PdfDocument(content)
        pages = len(read)
        read.close()
        if not pages:
            raise RenderFault("no-document", "The letter has no page.", "See main.docx.", "main.docx")
        return Rendered(content, "application/pdf", pages)


@lru_cache(maxsize=1)
def _opened(content: bytes, entry: str) -> WordTemplate:
    """The document with its fields compiled: the studio reads a template's files again with each changed word, and the
    letter itself is seldom among them. Raises RenderFault."""
    from postroom.plugins.renderers._docx_fill import WordTemplate

    return WordTemplate(content, entry)
