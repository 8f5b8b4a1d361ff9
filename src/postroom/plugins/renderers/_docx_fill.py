"""Filling in a Word template: opened and compiled once, then text for text.

docxtpl knows how Word splits fields over runs and what ``{%tr .. %}`` means for a table; that is all it is used for.
The rest is the sandbox of mails and a zip with some parts exchanged.
"""

from __future__ import annotations

import io
import re
import traceback
import zipfile
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import Template, TemplateError, TemplateSyntaxError
from markupsafe import Markup

from postroom.composition.spec import RenderFault, RenderJob, sandbox
from postroom.plugins.renderers._docx import DocxFault, paragraphs, parts_of, text_parts, tree_of
from postroom.plugins.renderers._docx_blocks import Place, name_of, paragraphs_of, placed

_LONGEST = 40_000_000
_LANGUAGE = re.compile(r'(<w:lang\b[^>]*?\bw:val=")[^"]*(")')
_CORE = "docProps/core.xml"


class WordTemplate:
    """A template, ready to be filled in often. Raises RenderFault."""

    def __init__(self, content: bytes, name: str) -> None:
        from docxtpl import DocxTemplate  # type: ignore[import-untyped]

        self._name = name
        try:
            self._parts = parts_of(content)
            self._places = {
                part: [paragraph.place for paragraph in paragraphs(part, tree_of(part, self._parts[part]))]
                for part in text_parts(self._parts)
            }
        except DocxFault as fault:
            raise RenderFault("page-fault", fault.what, fault.hint, name) from fault
        made = sandbox.environment(True, lenient=True)
        healer = DocxTemplate(io.BytesIO())
        self._templates: dict[str, Template] = {}
        self._blocks: dict[str, list[Place]] = {}
        for part in self._places:
            source = self._parts[part].decode("utf-8-sig")
            if "{{" not in source and "{%" not in source and "{" not in re.sub(r"<[^>]*>", "", source):
                continue
            healed = re.sub(r"<w:p([ >])", r"\n<w:p\1", healer.patch_xml(source))
            healed, self._blocks[part] = placed(healed)
            try:
                code = made.compile(healed, part, part)
            except TemplateSyntaxError as error:
                where = self._place(part, error.lineno)
                raise RenderFault("page-fault", f"{error.message}.", "See docs/templates.md, Word.", where) from error
            self._templates[part] = Template.from_code(made, code, {}, None)
        styles = self._parts.get("word/styles.xml")
        self._styles = styles.decode("utf-8-sig") if styles else ""

    def filled(self, job: RenderJob) -> bytes:
        """The document with its fields filled in. Raises RenderFault."""
        changed = {part: self._one(part, template, job.view) for part, template in self._templates.items()}
        language = escape(job.view["document"]["language"], {'"': "&quot;"})
        if self._styles:
            changed["word/styles.xml"] = _LANGUAGE.sub(rf"\g<1>{language}\g<2>", self._styles).encode()
        if _CORE in self._parts:
            changed[_CORE] = _properties(job)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for part, content in self._parts.items():
                archive.writestr(part, changed.get(part, content))
        return out.getvalue()

    def _one(self, part: str, template: Template, view: dict[str, Any]) -> bytes:
        pieces: list[str] = []
        size = 0
        try:
            for piece in template.generate(self._with_blocks(part, view)):
                size += len(piece)
                if size > _LONGEST:
                    told = f"The page makes more than {_LONGEST} characters."
                    raise RenderFault("page-too-long", told, "Show fewer rows, or limit them in the contract.")
                pieces.append(piece)
        except (TemplateError, TypeError, ValueError, RecursionError) as error:
            lines = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == part]
            where = self._place(part, lines[-1] if lines else 0)
            reason = f"The page cannot be filled in: {error}."
            raise RenderFault("page-fault", reason, "Correct the template.", where) from error
        return "".join(pieces).encode()

    def _with_blocks(self, part: str, view: dict[str, Any]) -> dict[str, Any]:
        """The view, with the content blocks that stand in this part as paragraphs of it."""
        places = self._blocks[part]
        if not places:
            return view
        trees = view.get("blocks") or {}
        said = {
            name_of(number): Markup(paragraphs_of(place, trees.get(place.key, []), view))  # noqa: S704  (escaped by it)
            for number, place in enumerate(places)
        }
        return {**view, **said}

    def _place(self, part: str, line: int | None) -> str:
        """Each paragraph was put on a line of its own, after the line of the XML declaration or the body's start."""
        places = self._places[part]
        number = (line or 0) - 1 - self._parts[part].count(b"\n")
        return f"{self._name}: {places[number - 1]}" if 0 < number <= len(places) else self._name


def _properties(job: RenderJob) -> bytes:
    """What the document says of itself; who wrote the template and when is nobody's business."""
    about = job.view["document"]
    when = f"{datetime.fromtimestamp(job.fixed_clock, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(about['title'])}</dc:title><dc:language>{escape(about['language'])}</dc:language>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{when}</dcterms:created>'
        "</cp:coreProperties>"
    ).encode()
