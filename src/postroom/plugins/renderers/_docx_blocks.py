"""Content blocks on a Word page: a paragraph that holds ``{{ blocks.opening }}`` and nothing else becomes the block's.

Paragraphs, lists and emphasis take on the looks of the paragraph and of the run they stand in for, so that a letter
reads as Word's author made it. What a person typed is text of a run and nothing else: never a field, a tag or a link
to a part of the file (P10).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

#: ``{{ blocks.opening }}`` or ``{{ blocks["office-hours"] }}``.
BLOCK = re.compile(r"\{\{-?\s*blocks(?:\.(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\[['\"](?P<key>[^'\"\]]+)['\"]\])\s*-?\}\}")
_PARAGRAPH = re.compile(r"<w:p(?: [^>]*)?>(?:(?!<w:p[ >]|</w:p>).)*</w:p>", re.DOTALL)
_TEXT = re.compile(r"<w:t(?: [^>]*)?>(.*?)</w:t>", re.DOTALL)
_RUN = re.compile(r"<w:r(?: [^>]*)?>(?:(?!</w:r>).)*</w:r>", re.DOTALL)
_LOOK = re.compile(r"<w:pPr>.*?</w:pPr>|<w:pPr/>", re.DOTALL)
_RUN_LOOK = re.compile(r"<w:rPr>.*?</w:rPr>|<w:rPr/>", re.DOTALL)
_SECTION = re.compile(r"<w:sectPr[ >].*?</w:sectPr>", re.DOTALL)
_INDENT = re.compile(r"<w:ind [^>]*/>|<w:numPr>.*?</w:numPr>", re.DOTALL)
#: What stands behind the indent in a paragraph's properties (ECMA-376-1, 17.3.1.26).
_BEHIND = re.compile(
    r"<w:(?:contextualSpacing|mirrorIndents|suppressOverlap|jc|textDirection|textAlignment|textboxTightWrap|outlineLvl"
    r"|divId|cnfStyle|rPr|sectPr|pPrChange)\b|</w:pPr>"
)
_FIRST = re.compile(r"<w:rPr>(?:<w:rStyle [^>]*/>)?(?:<w:rFonts [^>]*/>)?")
_STEP, _HANGING = 360, 284  # twentieths of a point: a list's step, and the room for its mark


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: its key, the looks around it, and whether its cell would be empty without it."""

    key: str
    look: str
    run_look: str
    last_of_cell: bool


def placed(source: str) -> tuple[str, list[Place]]:
    """The source with a plain name in place of each paragraph that is a block, and what stands there."""
    places: list[Place] = []

    def put(found: re.Match[str]) -> str:
        paragraph = found[0]
        said = "".join(_TEXT.findall(paragraph)).strip()
        block = BLOCK.fullmatch(said)
        if block is None:
            return paragraph
        run = next((one[0] for one in _RUN.finditer(paragraph) if "blocks" in one[0]), "")
        look, run_look = _LOOK.search(paragraph), _RUN_LOOK.search(run)
        places.append(
            Place(
                block["name"] or block["key"],
                look[0] if look else "",
                run_look[0] if run_look else "",
                source[found.end() : found.end() + 40].lstrip().startswith("</w:tc>"),
            )
        )
        return f"{{{{ {name_of(len(places) - 1)} }}}}"

    return _PARAGRAPH.sub(put, source), places


def name_of(number: int) -> str:
    """The name by which a page asks for the block of a place."""
    return f"block__{number}"


def paragraphs_of(place: Place, tree: list[dict[str, Any]], view: Mapping[str, Any]) -> str:
    """The block as paragraphs; an empty one leaves no gap, but for a section's end and the last paragraph of a cell."""
    section = _SECTION.search(place.look)
    look = _SECTION.sub("", place.look)
    made = [one for node in tree for one in _block(node, place, look, view, 0)]
    if section is not None or (not made and place.last_of_cell):
        made.append(f"<w:p>{place.look}</w:p>")
    return "".join(made)


def _block(node: Mapping[str, Any], place: Place, look: str, view: Mapping[str, Any], depth: int) -> Iterator[str]:
    if node["kind"] == "paragraph":
        yield f"<w:p>{look}{_runs(node['children'], place.run_look, view)}</w:p>"
        return
    for number, item in enumerate(node["children"], 1):
        mark = f"{number}." if node.get("numbered") else "•"
        inline = [inner for inner in item["children"] if inner["kind"] != "list"]
        runs = f"<w:r>{place.run_look}<w:t>{mark}</w:t><w:tab/></w:r>{_runs(inline, place.run_look, view)}"
        yield f"<w:p>{_indented(look, depth)}{runs}</w:p>"
        for inner in item["children"]:
            if inner["kind"] == "list":
                yield from _block(inner, place, look, view, depth + 1)


def _indented(look: str, depth: int) -> str:
    """The paragraph's looks with the indent of a list's depth, where the schema wants it."""
    indent = f'<w:ind w:left="{_STEP * depth + _HANGING}" w:hanging="{_HANGING}"/>'
    plain = _INDENT.sub("", look) if look and look != "<w:pPr/>" else "<w:pPr></w:pPr>"
    return _BEHIND.sub(lambda found: indent + found[0], plain, count=1)


def _runs(nodes: list[dict[str, Any]], look: str, view: Mapping[str, Any]) -> str:
    parts: list[str] = []
    for node in nodes:
        kind = node["kind"]
        if kind in ("text", "field"):
            text = node["text"] if kind == "text" else _shown(view, node["field"])
            parts.append(_run(text, look))
        elif kind == "break":
            parts.append(f"<w:r>{look}<w:br/></w:r>")
        elif kind == "link":
            to = escape(node["href"], {'"': "&quot;"})
            inner = _runs(node["children"], _with(look, '<w:u w:val="single"/>', at_end=True), view)
            parts.append(f'<w:fldSimple w:instr=" HYPERLINK &quot;{to}&quot; ">{inner}</w:fldSimple>')
        else:
            parts.append(_runs(node["children"], _with(look, "<w:b/>" if kind == "strong" else "<w:i/>"), view))
    return "".join(parts)


def _run(text: str, look: str) -> str:
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""


def _with(look: str, sign: str, *, at_end: bool = False) -> str:
    """A run's looks with one more."""
    plain = look if look and look != "<w:rPr/>" else "<w:rPr></w:rPr>"
    if sign in plain:
        return plain
    if at_end:
        return plain.replace("</w:rPr>", f"{sign}</w:rPr>")
    return _FIRST.sub(lambda found: found[0] + sign, plain, count=1)


def _shown(view: Mapping[str, Any], path: str) -> str:
    from postroom.composition.spec import shown  # in the cell, and only for a letter that merges something

    return shown(view, path)
