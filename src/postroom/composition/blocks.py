"""Content blocks: rich text as a small tree that pages, HTML mail and plain text are all made from.

A list of nodes. Blocks are ``paragraph`` and ``list`` (whose children are ``item``); within them stand ``text``,
``strong``, ``em``, ``link``, ``break`` and ``field`` (a merge field, shown as the page's ``slot`` shows it). The tree
says nothing of looks, so that one block serves every brand and channel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import jsonschema_rs

from postroom.composition.fonts import sign_advice
from postroom.composition.formats import NotShowable
from postroom.composition.paths import look, split
from postroom.composition.shape import Field
from postroom.composition.texts import called, clean
from postroom.kernel.errors import BadInput

Node = dict[str, Any]
Tree = list[Node]

_PATH = r"^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$"


def _node(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, **more},
        "required": ["kind", *more],
        "additionalProperties": False,
    }


_INLINE = {"type": "array", "items": {"$ref": "#/$defs/inline"}, "minItems": 1, "maxItems": 500}
#: JSON Schema of a tree, for whoever stores and edits blocks.
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Content block",
    "type": "array",
    "minItems": 1,
    "maxItems": 200,
    "items": {"$ref": "#/$defs/block"},
    "$defs": {
        "block": {"oneOf": [{"$ref": "#/$defs/paragraph"}, {"$ref": "#/$defs/list"}]},
        "paragraph": _node("paragraph", children=_INLINE),
        "list": {
            "type": "object",
            "properties": {
                "kind": {"const": "list"},
                "numbered": {"type": "boolean"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/item"}, "minItems": 1, "maxItems": 200},
            },
            "required": ["kind", "children"],
            "additionalProperties": False,
        },
        "item": _node(
            "item",
            children={
                "type": "array",
                "items": {"anyOf": [{"$ref": "#/$defs/inline"}, {"$ref": "#/$defs/list"}]},
                "minItems": 1,
                "maxItems": 500,
            },
        ),
        "inline": {
            "oneOf": [
                _node("text", text={"type": "string", "minLength": 1, "maxLength": 4000}),
                _node("strong", children=_INLINE),
                _node("em", children=_INLINE),
                _node(
                    "link",
                    href={"type": "string", "pattern": r"^(https://|mailto:|tel:)[^\s<>\"]+$", "maxLength": 2000},
                    children=_INLINE,
                ),
                _node("field", field={"type": "string", "pattern": _PATH, "maxLength": 200}),
                _node("break"),
            ]
        },
    },
}
_VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA, pattern_options=jsonschema_rs.RegexOptions())
_DEEPEST = 8


class BlockFault(BadInput):
    """The content of a block cannot be read."""

    code = "block-fault"
    title = "The content block has a fault"


def read_block(content: bytes | str | Tree, name: str = "the block") -> Tree:
    """A checked tree with cleaned texts. Raises BlockFault with the place of the first fault."""
    try:
        tree: Any = json.loads(content) if isinstance(content, bytes | str) else content
        error = next(iter(_VALIDATOR.iter_errors(tree)), None)
    except (ValueError, RecursionError) as fault:
        raise BlockFault(f"{name} is not JSON: {fault}.", hint="Write a list of paragraphs and lists.") from fault
    if error is not None:
        place = "/".join(str(step) for step in error.instance_path) or "the top"
        hint = "There are paragraph, list, item, text, strong, em, link, field and break; see docs/templates.md."
        raise BlockFault(f"{name}, at {place}: {_known(tree, list(error.instance_path))}", hint=hint)
    return [_clean(node, name, 0) for node in tree]


def fields(tree: Tree) -> list[str]:
    """The merge fields of a tree, each once, in order."""
    return list(dict.fromkeys(node["field"] for node in walk(tree) if node["kind"] == "field"))


def walk(tree: Tree) -> Iterator[Node]:
    """Every node, outer before inner."""
    for node in tree:
        yield node
        yield from walk(node.get("children", []))


def block_faults(tree: Tree, root: Field, covered: frozenset[str]) -> list[tuple[str, str]]:
    """Why a tree does not fit: (what, hint) for fields and signs that contract and fonts have not."""
    found: list[tuple[str, str]] = []
    for name in fields(tree):
        here = root.find(name)
        if name in _DOCUMENT:
            continue
        if here is None:
            found.append((f"The contract has no field {name!r}.", "Choose a field of the record."))
        elif here.kind != "text":
            found.append((f"The field {name!r} is no text.", "Only texts can be shown within a sentence."))
    for node in walk(tree):
        missing = sorted(set(node["text"]) - covered) if node["kind"] == "text" else []
        if missing:
            what = f"The text holds {called(missing[0])}, which no font of the template has."
            found.append((what, sign_advice(missing[0])))
    return found


_DOCUMENT = frozenset({"document.number", "document.title", "document.date"})


def to_text(tree: Tree, view: Mapping[str, Any]) -> str:
    """The block as plain text: paragraphs apart by an empty line, ``- `` or ``1. `` before items."""
    return "\n\n".join(_text_block(node, view, "") for node in tree)


def to_html(tree: Tree, view: Mapping[str, Any], styles: Mapping[str, str] | None = None) -> str:
    """The block as HTML of a mail: escaped, without classes; ``styles`` gives the style of each tag that has one."""
    return "".join(_html(node, view, styles or {}) for node in tree)


def shown(view: Mapping[str, Any], path: str) -> str:
    """A merge field's text; empty for a field that is not there."""
    value = look(dict(view), split(path))
    return value if isinstance(value, str) else ""


def _text_block(node: Node, view: Mapping[str, Any], indent: str) -> str:
    if node["kind"] == "paragraph":
        return _text(node["children"], view)
    lines = []
    for number, item in enumerate(node["children"], 1):
        mark = f"{number}. " if node.get("numbered") else "- "
        inline = [inner for inner in item["children"] if inner["kind"] != "list"]
        deeper = [inner for inner in item["children"] if inner["kind"] == "list"]
        lines.append(f"{indent}{mark}{_text(inline, view)}")
        lines += [_text_block(inner, view, indent + "  ") for inner in deeper]
    return "\n".join(lines)


def _text(nodes: Tree, view: Mapping[str, Any]) -> str:
    parts = []
    for node in nodes:
        match node["kind"]:
            case "text":
                parts.append(node["text"])
            case "field":
                parts.append(shown(view, node["field"]))
            case "break":
                parts.append("\n")
            case "link":
                said, target = _text(node["children"], view), node["href"].removeprefix("mailto:").removeprefix("tel:")
                parts.append(said if said == target else f"{said} ({target})")
            case _:
                parts.append(_text(node["children"], view))
    return "".join(parts)


_TAGS = {"paragraph": "p", "item": "li", "strong": "strong", "em": "em"}


def _html(node: Node, view: Mapping[str, Any], styles: Mapping[str, str]) -> str:
    kind = node["kind"]
    if kind == "text":
        return escape(node["text"])
    if kind == "field":
        return escape(shown(view, node["field"]))
    if kind == "break":
        return "<br>"
    inner = "".join(_html(child, view, styles) for child in node["children"])
    tag = "a" if kind == "link" else ("ol" if node.get("numbered") else "ul") if kind == "list" else _TAGS[kind]
    more = f' href="{escape(node["href"])}"' if kind == "link" else ""
    style = f' style="{escape(styles[tag])}"' if tag in styles else ""
    return f"<{tag}{more}{style}>{inner}</{tag}>"


def _clean(node: Node, name: str, depth: int) -> Node:
    """The node with its texts as a page shows them; outer spaces stay, as they part a word from its neighbour."""
    if depth > _DEEPEST:
        raise BlockFault(f"{name} is nested more than {_DEEPEST} deep.", hint="Make its lists flatter.")
    if node["kind"] == "text":
        text = node["text"]
        try:
            inner = clean(text)
        except NotShowable as fault:
            raise BlockFault(f"{name}: {fault}", hint=fault.hint) from fault
        front = " " if text[:1].isspace() else ""
        back = " " if inner and text[-1:].isspace() else ""
        return {"kind": "text", "text": f"{front}{inner}{back}"}
    if "children" in node:
        return {**node, "children": [_clean(child, name, depth + 1) for child in node["children"]]}
    return dict(node)


def _known(tree: Any, at: list[str | int]) -> str:
    """What is wrong there, in a sentence: a schema's ``oneOf`` says only that nothing fits."""
    here = tree
    for step in at:
        here = here[step]
    if isinstance(here, dict):
        kind = here.get("kind")
        if kind not in ("paragraph", "list", "item", "text", "strong", "em", "link", "field", "break"):
            return f"there is no kind {kind!r}."
        if kind == "link":
            return "a link needs children and a href that begins with https://, mailto: or tel:."
        return f"a {kind} cannot stand there, or is not written like that."
    return "this is not what a content block holds."
