"""What a Word template may hold, told before it is published, with the paragraph.

Word files carry more than a letter: changes nobody accepted, links to other machines, programs. Each would make the
page say something else than its author sees, or do something nobody asked for; so each is named and refused.
"""

from __future__ import annotations

import posixpath
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from functools import lru_cache

from jinja2 import TemplateSyntaxError

from postroom.composition.spec import (
    Pages,
    Problem,
    called,
    inspect_image,
    raster_fault,
    sandbox,
    sign_advice,
    suggestion,
)
from postroom.plugins.renderers._docx import (
    DocxFault,
    Paragraph,
    W,
    outside,
    paragraphs,
    parts_of,
    tags,
    text_parts,
    tree_of,
)
from postroom.plugins.renderers._docx_blocks import BLOCK
from postroom.plugins.renderers._shown_blocks import blocks_in, blocks_of, told_of_block, unseen_passages

_CHANGED = ("ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange",
            "sectPrChange", "cellIns", "cellDel", "cellMerge", "numberingChange")  # fmt: skip
_FIELDS = ("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "HYPERLINK", "REF", "PAGEREF", "TOC", "SEQ", "STYLEREF")
_FIELD_HINTS = {
    "MERGEFIELD": "Write the field as text: {{ customer.name }}.",
    "DATE": "Write {{ document.date }}: a letter keeps its own date.",
    "TIME": "Write {{ document.date }}: a letter keeps its own date.",
}
_PARTS = (
    (re.compile(r"vbaProject|vbaData", re.I), "a macro (a Word program)", "Save it as .docx, without macros."),
    (
        re.compile(r"word/embeddings/|oleObject", re.I),
        "an embedded object of another program",
        "Insert it as a picture.",
    ),
    (re.compile(r"activeX", re.I), "an ActiveX control", "Remove it: Developer, Design Mode, delete."),
    (re.compile(r"afchunk", re.I), "an embedded file of another format", "Paste its text instead."),
)
_REFUSED_TYPES = (
    ("macroEnabled", "a macro (a Word program)", "Save it as .docx, without macros."),
    ("vbaProject", "a macro (a Word program)", "Save it as .docx, without macros."),
    ("oleObject", "an embedded object of another program", "Insert it as a picture."),
    ("activeX", "an ActiveX control", "Remove it: Developer, Design Mode, delete."),
)
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_NAMES_BLOCKS = re.compile(r"\{[{%][^}]*\bblocks\b")
_LINKS = ("http://", "https://", "mailto:", "tel:")


def check(pages: Pages) -> list[Problem]:
    """The faults of main.docx."""
    name = pages.manifest.entry
    if name not in pages.files:
        return []  # told with its line by the manifest's own check
    problems = []
    if pages.manifest.codes:
        first = next(iter(pages.manifest.codes))
        hint = "Take it out, or write the template for the lane typst or html."
        problems.append(Problem("template.yaml", 0, f"The Word lane shows no symbols, such as {first!r}.", hint))
    try:
        parts, trees = _opened(pages.files[name])
        told = [*_packaged(name, parts, trees), *_related(name, trees), *_texts(name, parts, trees, pages)]
    except DocxFault as fault:
        return [*problems, Problem(name, fault.paragraph, fault.what, fault.hint)]
    return [*problems, *told, *_fonts(name, parts, trees, pages), *_pictures(name, parts)]


@lru_cache(maxsize=2)
def _opened(content: bytes) -> tuple[Mapping[str, bytes], Mapping[str, ET.Element]]:
    """The parts of a document, and their XML: only read, so the studio opens a document once, not with each key."""
    parts = parts_of(content)
    return parts, {part: tree_of(part, parts[part]) for part in parts if part.endswith((".xml", ".rels"))}


def _packaged(name: str, parts: Mapping[str, bytes], trees: Mapping[str, ET.Element]) -> Iterator[Problem]:
    told = set()
    for part in parts:
        for pattern, what, hint in _PARTS:
            if pattern.search(part) and what not in told:
                told.add(what)
                yield Problem(name, 0, f"The document holds {what}: {part}.", hint)
    for entry in trees["[Content_Types].xml"]:
        kind = entry.get("ContentType", "")
        for sign, what, hint in _REFUSED_TYPES:
            if sign.lower() in kind.lower() and what not in told:
                told.add(what)
                yield Problem(name, 0, f"The document holds {what}.", hint)
    if not re.search(rb"<w:document[\s>]", parts["word/document.xml"]):
        yield Problem(name, 0, "The document does not name its parts as Word does.", "Save it anew with Word.")


def _related(name: str, trees: Mapping[str, ET.Element]) -> Iterator[Problem]:
    """Links out of the file: to pages a reader may follow, yes; to what would be fetched while composing, no."""
    for rels, root in trees.items():
        if not rels.endswith(".rels"):
            continue
        source = posixpath.join(posixpath.dirname(posixpath.dirname(rels)), posixpath.basename(rels)[:-5])
        for one in root.iter(_REL):
            kind, target = one.get("Type", "").rpartition("/")[2], one.get("Target", "")
            if one.get("TargetMode") != "External" and "://" not in target:
                continue
            if kind == "hyperlink" and target.lower().startswith(_LINKS):
                continue
            place, number = _using(source, trees.get(source), one.get("Id", ""))
            what = f"{place} refers to {target[:100]!r} outside the document ({kind})."
            hint = "Insert the picture or text itself; nothing is fetched while composing."
            yield Problem(name, number, what[0].upper() + what[1:], hint)


def _using(part: str, root: ET.Element | None, identifier: str) -> tuple[str, int]:
    """The paragraph that uses a relation, else the part."""
    if root is not None:
        for paragraph in paragraphs(part, root):
            for element in paragraph.element.iter():
                if any(key.startswith(_R_ID) and value == identifier for key, value in element.attrib.items()):
                    return paragraph.place, paragraph.number
    return f"the part {part}", 0


def _texts(name: str, parts: Mapping[str, bytes], trees: Mapping[str, ET.Element], pages: Pages) -> Iterator[Problem]:
    names = {**pages.root.fields, **sandbox.PAGE_NAMES, "blocks": blocks_of(pages.manifest)}
    guard = sandbox.Guard("Word templates", names, pages.words, shows=True)
    shown: set[str] = set()
    for part in text_parts(parts):
        listed = list(paragraphs(part, trees[part]))
        for paragraph in listed:
            yield from _marked(name, paragraph)
            yield from _alone(name, paragraph)
            missing = sorted(sign for sign in set(outside(paragraph.text)) - pages.covered if sign.isprintable())
            if missing:
                what = f"{_said(paragraph)} holds {called(missing[0])}, which no font of the template has."
                yield Problem(name, paragraph.number, what, sign_advice(missing[0]))
        source = "\n".join(tags(paragraph.text) for paragraph in listed)
        try:
            tree = sandbox.environment(True, lenient=True).parse(source)
        except TemplateSyntaxError as error:
            at = listed[min(max(error.lineno, 1), len(listed)) - 1]
            hint = (
                "A field is written {{ name }}; {%p if .. %} needs its {%p endif %}, {%tr for .. %} its {%tr endfor %}."
            )
            yield Problem(name, at.number, f"{_said(at)}: {error.message}.", hint)
            continue
        shown.update(key for key, _ in blocks_in(tree))
        for problem in sandbox.faults(name, tree, guard):
            at = listed[max(problem.line, 1) - 1]
            told = told_of_block(problem, pages.manifest)
            yield Problem(name, at.number, f"{_said(at)}: {told.what}", told.hint)
    yield from unseen_passages(pages.manifest, name, shown)


def _alone(name: str, paragraph: Paragraph) -> Iterator[Problem]:
    """A block is paragraphs of its own, so nothing can stand beside it in one."""
    if _NAMES_BLOCKS.search(paragraph.text) and not BLOCK.fullmatch(tags(paragraph.text).strip()):
        hint = "Put {{ blocks.NAME }} into a paragraph of its own, without anything before or behind it."
        yield Problem(name, paragraph.number, f"{_said(paragraph)} holds a content block and something else.", hint)


def _marked(name: str, paragraph: Paragraph) -> Iterator[Problem]:
    changed = next((e for kind in _CHANGED for e in paragraph.element.iter(f"{W}{kind}")), None)
    if changed is not None:
        who = changed.get(f"{W}author", "")
        by = f" by {who}" if who else ""
        hint = "Accept or reject all changes in Word (Review), then save."
        yield Problem(name, paragraph.number, f"{_said(paragraph)} holds a tracked change{by}.", hint)
    codes = [element.text or "" for element in paragraph.element.iter(f"{W}instrText")]
    codes += [element.get(f"{W}instr", "") for element in paragraph.element.iter(f"{W}fldSimple")]
    code = "".join(codes).strip()
    if code and (verb := code.split()[0].upper()) not in _FIELDS:
        hint = _FIELD_HINTS.get(verb, "Only page numbers and references are kept; write data as {{ customer.name }}.")
        yield Problem(name, paragraph.number, f"{_said(paragraph)} holds the Word field {verb}.", hint)


def _said(paragraph: Paragraph) -> str:
    return paragraph.place[0].upper() + paragraph.place[1:]


def _fonts(name: str, parts: Mapping[str, bytes], trees: Mapping[str, ET.Element], pages: Pages) -> Iterator[Problem]:
    """Fonts that the text uses, by its runs and by the styles it names, and that the template does not have."""
    used: set[str] = set()
    wanted: dict[str, str] = {}
    for part in text_parts(parts):
        for paragraph in paragraphs(part, trees[part]):
            for element in paragraph.element.iter():
                if element.tag in (f"{W}pStyle", f"{W}rStyle"):
                    used.add(element.get(f"{W}val", ""))
                elif element.tag == f"{W}rFonts":
                    for family in _families(element):
                        wanted.setdefault(family, paragraph.place)
        used.update(element.get(f"{W}val", "") for element in trees[part].iter(f"{W}tblStyle"))
    styles = trees.get("word/styles.xml")
    if styles is not None:
        known = {style.get(f"{W}styleId", ""): style for style in styles.iter(f"{W}style")}
        queue = [*used, *(key for key, style in known.items() if style.get(f"{W}default") in ("1", "true"))]
        seen: set[str] = set()
        while queue:
            key = queue.pop()
            if key in seen or key not in known:
                continue
            seen.add(key)
            called_style = known[key].find(f"{W}name")
            label = called_style.get(f"{W}val", key) if called_style is not None else key
            for element in known[key].iter(f"{W}rFonts"):
                for family in _families(element):
                    wanted.setdefault(family, f"the style {label!r}")
            queue += [based.get(f"{W}val", "") for based in known[key].findall(f"{W}basedOn")]
    for family, place in sorted(wanted.items()):
        if family not in pages.manifest.fonts:
            what = f"{place[0].upper() + place[1:]} uses the font {family!r}, which template.yaml does not name."
            yield Problem(name, 0, what, suggestion(family, pages.manifest.fonts))


def _families(element: ET.Element) -> Iterator[str]:
    for kind in ("ascii", "hAnsi"):
        family = element.get(f"{W}{kind}")
        if family:
            yield family


def _pictures(name: str, parts: Mapping[str, bytes]) -> Iterator[Problem]:
    for part, content in parts.items():
        if not part.startswith("word/media/"):
            continue
        if part.lower().endswith(".svg"):
            for problem in inspect_image(part, content):
                yield Problem(name, 0, f"The picture {part}: {problem.what}", problem.hint)
        elif fault := raster_fault(content):  # Word goes by what a picture is, not by its name
            yield Problem(name, 0, f"The picture {part}: {fault.what}", fault.hint)
