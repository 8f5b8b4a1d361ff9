"""The Typst lane: the reference. PDF/A and PDF/UA by the compiler itself, equal bytes for equal input.

Data goes in as two JSON texts (``sys.inputs``), never as files. The compiler object is kept: the first document of a
pack pays for reading fonts and page, later ones for layout alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import typst
import yaml

from postroom.composition.spec import LIBRARY_NAMES, Pages, Rendered, RenderFault, RenderJob, TextRenderer
from postroom.kernel.json_text import writer

if TYPE_CHECKING:
    from postroom.composition.spec import Manifest, Problem

_STANDARDS = ("a-1a", "a-1b", "a-2a", "a-2b", "a-2u", "a-3a", "a-3b", "a-3u", "a-4", "a-4e", "a-4f", "ua-1")
_ENTRY = "postroom-entry.typ"
_PLACE = re.compile(r"┌─ (?P<file>[^\n:]+):(?P<line>\d+):(?P<column>\d+)")
_HOUSE = re.compile(r"\[(?P<code>[a-z-]+)\] (?P<reason>.*?) // (?P<hint>.*)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class TypstRenderer(TextRenderer):
    """Renders one template with one kept compiler."""

    name: ClassVar[str] = "typst"
    promises: ClassVar[frozenset[str]] = frozenset(f"pdf/{standard}" for standard in _STANDARDS)
    reproducible: ClassVar[bool] = True
    reserved: ClassVar[frozenset[str]] = frozenset({_ENTRY, *LIBRARY_NAMES})
    opens_passages: ClassVar[bool] = True

    @classmethod
    def check(cls, pages: Pages) -> list[Problem]:
        """What a page may not do, and names it uses that nobody has declared."""
        from postroom.composition.spec import lint, page_signs

        manifest = pages.manifest
        shown = (*manifest.blocks, *manifest.passages)
        told = lint(pages.files, pages.root, pages.words, manifest.codes, shown)
        return [*told, *page_signs(pages.files, pages.covered)]

    @classmethod
    def added(cls, manifest: Manifest) -> Mapping[str, bytes]:
        """The house library and the file the compiler starts with."""
        from postroom.composition.spec import typst_files

        return typst_files(manifest)

    @classmethod
    def engine(cls) -> str:
        """``typst`` and its version."""
        return _engine()

    def __init__(self, pack: str, fonts: str) -> None:
        root = self._root = Path(pack).resolve()
        manifest = yaml.load((root / "template.yaml").read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506  (texts only)
        promised = manifest.get("promises", ["pdf/a-2b"])
        self._standards: list[Any] = [name.removeprefix("pdf/") for name in promised]
        nowhere = str(root / "no-packages")  # nothing is fetched and no package of the user's home is seen
        self._compiler = typst.Compiler(
            str(root / _ENTRY),
            root=str(root),
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts]),
            package_path=nowhere,
            package_cache_path=nowhere,
        )

    def render(self, job: RenderJob) -> Rendered:
        """Make one document. Raises RenderFault."""
        return self.render_texts(_text(job.view), _text(job.codes), job.fixed_clock, job.attachments)

    def render_texts(
        self, view: str, codes: str, fixed_clock: int, attachments: tuple[Mapping[str, str], ...] = ()
    ) -> Rendered:
        """Make one document of the JSON of its data. Raises RenderFault."""
        inputs = {"view": view, "codes": codes}
        if attachments:
            inputs["attachments"] = _text(attachments)
        try:
            content, warnings = self._compiler.compile_with_warnings(
                format="pdf", sys_inputs=inputs, pdf_standards=self._standards, timestamp=fixed_clock
            )
        except typst.TypstError as error:
            raise _fault(error, self._root) from error
        for warning in warnings:
            if warning.message.startswith("unknown font family"):  # Typst would take another one, or show nothing
                hint = "Use a font that template.yaml names."
                raise RenderFault("unknown-font", warning.message, hint, _place(warning.diagnostic, self._root))
        if not isinstance(content, bytes):
            raise RenderFault("no-document", "The page made no document.", "See the page's entry file.")
        return Rendered(content, "application/pdf", count_pages(content))


@cache
def _engine() -> str:
    """The package's own description is a file, parsed for each question."""
    return f"typst {version('typst')}"


_text = writer(allow_nan=True)


_XREF = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_ROOT = re.compile(rb"/Root (\d+) 0 R")
_PAGES = re.compile(rb"/Pages (\d+) 0 R")
_COUNT = re.compile(rb"/Count (\d+)")


def count_pages(pdf: bytes) -> int:
    """The number of pages, read along the file's own table: trailer, catalog, page tree (ISO 32000-1, 7.5 and 7.7).

    Typst writes a plain cross-reference table of 20 bytes an entry, so three small reads do what a PDF parser needs a
    millisecond for. Raises RenderFault when the file is not of that form.
    """
    start = _XREF.search(pdf, max(0, len(pdf) - 64))
    if start is not None:
        table = int(start[1])
        first = pdf.find(b"\n", pdf.find(b"\n", table) + 1) + 1  # after the lines `xref` and `0 n`
        trailer = pdf.find(b"trailer", table)
        catalog = _object(pdf, first, _ROOT.search(pdf, trailer))
        pages = _object(pdf, first, _PAGES.search(catalog))
        count = _COUNT.search(pages)
        if count is not None:
            return int(count[1])
    raise RenderFault("unreadable-output", "The page tree of the document cannot be read.", "Report this as a bug.")


def _object(pdf: bytes, first: int, reference: re.Match[bytes] | None) -> bytes:
    if reference is None:
        return b""
    entry = first + 20 * int(reference[1])
    offset = pdf[entry : entry + 10]
    if not offset.isdigit():
        return b""
    return pdf[int(offset) : pdf.find(b"endobj", int(offset))]


def _fault(error: typst.TypstError, root: Path) -> RenderFault:
    """The compiler's complaint as a fault with its place in the template."""
    reason = " ".join(error.message.removeprefix("error:").split()) or "The page cannot be composed."
    hint = " ".join(" ".join(hint.split()) for hint in error.hints)
    where = _place(error.diagnostic or "", root)
    lower = reason.lower()
    if reason.startswith("panicked with: "):
        reason = reason.removeprefix("panicked with: ").strip('"').replace('\\"', '"')
        if told := _HOUSE.fullmatch(reason):  # the house library's own refusals say what to do
            place = "" if where.startswith("postroom-") else where  # what is placed late has no caller
            return RenderFault(told["code"], told["reason"], told["hint"], place)
    if "could not be displayed with" in lower:
        return RenderFault("missing-glyph", reason, "Correct the text, or use a font that has the sign.", where)
    if lower.startswith("pdf/") or "pdf standard" in lower:
        return RenderFault(
            "promise-broken", reason, hint or "Change the page, or promise less in template.yaml.", where
        )
    if "package" in lower and "download" in lower:
        own = "Put the code needed into a .typ file of the template."
        return RenderFault("package-refused", "The page imports a package; nothing is fetched.", own, where)
    return RenderFault("page-fault", reason, hint or "Correct the page.", where)


def _place(diagnostic: str, root: Path) -> str:
    """``file:line:column``, columns from 1, of the first place named that is the author's own: a fault shown in the
    house library was made where the author called it."""
    places = []
    for found in _PLACE.finditer(_COLOUR.sub("", diagnostic)):
        path = Path(os.path.normpath(Path.cwd() / found["file"]))
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        places.append((name, f"{name}:{found['line']}:{int(found['column']) + 1}"))
    own = [place for name, place in places if name not in (_ENTRY, *LIBRARY_NAMES)]
    return (own or [place for _, place in places] or [""])[0]
