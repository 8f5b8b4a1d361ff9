"""A content block as text that a person types, and back: the form of the desk has no other editor without scripts.

Paragraphs are apart by an empty line; a line end within one is a break. ``- `` and ``1. `` begin items, two spaces
more an inner list. ``**strong**``, ``*emphasis*``, ``[text](https://..)``, ``{{ customer.name }}`` for a field, and
``{{ block: KEY }}`` alone for another block. A backslash takes the meaning of the sign behind it.
"""

from __future__ import annotations

import re
from typing import Any

from postroom.composition.errors import BadPart

Node = dict[str, Any]
Tree = list[Node]

_ITEM = re.compile(r"(?P<indent> *)(?:(?P<dash>[-•]) |(?P<number>\d{1,3})[.)] )(?P<text>.*)")
_BLOCK = re.compile(r"\{\{\s*block:\s*([a-z][a-z0-9-]*)\s*\}\}")
_FIELD = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")
_LINK = re.compile(r"\[((?:[^\]\\]|\\.)+)\]\(([^()\s]+)\)")
_MARKS = re.compile(r"([\\*\[\]{}])")


def tree_of(text: str) -> Tree:
    """What was typed as the tree of ``composition/blocks.py``. Raises BadPart with the line."""
    tree: Tree = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        held = _BLOCK.fullmatch(line.strip())
        if not line.strip():
            at += 1
        elif held:
            tree.append({"kind": "block", "key": held[1]})
            at += 1
        elif _ITEM.fullmatch(line):
            found, at = _list(lines, at, 0)
            tree.append(found)
        else:
            first = at
            while at < len(lines) and lines[at].strip() and not _ITEM.fullmatch(lines[at]):
                at += 1
            tree.append({"kind": "paragraph", "children": _broken(lines[first:at], first)})
    return tree


def source_of(tree: Tree) -> str:
    """The text that ``tree_of`` makes the same tree of; what is strong within emphasis is emphasised within strong, as
    ``***a** b*`` could be read in two ways."""
    parts = []
    for node in tree:
        if node["kind"] == "block":
            parts.append(f"{{{{ block: {node['key']} }}}}")
        elif node["kind"] == "list":
            parts.append("\n".join(_items(node, "")))
        else:
            parts.append(_line(node["children"]))
    return "\n\n".join(parts)


def _list(lines: list[str], at: int, depth: int) -> tuple[Node, int]:
    found = _ITEM.fullmatch(lines[at])
    assert found is not None  # the caller has looked
    made: Node = {"kind": "list", "children": []}
    if found["number"]:
        made["numbered"] = True
    while at < len(lines) and (here := _ITEM.fullmatch(lines[at])):
        level = len(here["indent"]) // 2
        if level < depth or (level == depth and bool(here["number"]) != bool(made.get("numbered"))):
            break
        if level > depth:
            inner, at = _list(lines, at, depth + 1)
            if not made["children"]:
                raise BadPart(f"Line {at}: an inner list needs an item above it.", hint="Move it to the left.")
            made["children"][-1]["children"].append(inner)
            continue
        made["children"].append({"kind": "item", "children": _inline(here["text"], at)})
        at += 1
    return made, at


def _broken(lines: list[str], first: int) -> Tree:
    out: Tree = []
    for number, line in enumerate(lines):
        if number:
            out.append({"kind": "break"})
        out += _inline(line.strip(), first + number)
    return out


def _inline(text: str, number: int) -> Tree:
    out: Tree = []
    plain: list[str] = []

    def flush() -> None:
        if plain:
            out.append({"kind": "text", "text": "".join(plain)})
            plain.clear()

    at = 0
    while at < len(text):
        sign = text[at]
        if sign == "\\" and at + 1 < len(text):
            plain.append(text[at + 1])
            at += 2
            continue
        field, link = _FIELD.match(text, at), _LINK.match(text, at)
        if field:
            flush()
            out.append({"kind": "field", "field": field[1]})
            at = field.end()
        elif link:
            flush()
            out.append({"kind": "link", "href": link[2], "children": _inline(link[1], number)})
            at = link.end()
        elif sign == "*":
            mark = "**" if text.startswith("**", at) else "*"
            end = _closing(text, at + len(mark), mark)
            if end < 0:
                raise BadPart(
                    f"Line {number + 1}: {mark} is opened and not closed.", hint="Close it, or write \\* for a star."
                )
            flush()
            kind = "strong" if mark == "**" else "em"
            out.append({"kind": kind, "children": _inline(text[at + len(mark) : end], number)})
            at = end + len(mark)
        elif text.startswith("{{", at):
            raise BadPart(
                f"Line {number + 1}: {{{{ }}}} names no field.", hint="Write a path, such as {{ customer.name }}."
            )
        else:
            plain.append(sign)
            at += 1
    flush()
    return out


def _closing(text: str, at: int, mark: str) -> int:
    """Where the mark that is open closes; a double star does not close a single one."""
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif mark == "*" and text.startswith("***", at):
            return at  # the other two close the strong around it
        elif text.startswith("**", at):
            if mark == "**":
                return at
            inner = _closing(text, at + 2, "**")
            at = inner + 2 if inner >= 0 else at + 2
        elif text[at] == "*" and mark == "*":
            return at
        elif text[at] == "*":
            inner = _closing(text, at + 1, "*")
            at = inner + 1 if inner >= 0 else at + 1
        else:
            at += 1
    return -1


def _items(node: Node, indent: str) -> list[str]:
    lines = []
    for number, item in enumerate(node["children"], 1):
        mark = f"{number}. " if node.get("numbered") else "- "
        own = [one for one in item["children"] if one["kind"] != "list"]
        lines.append(f"{indent}{mark}{_line(own)}")
        for one in item["children"]:
            if one["kind"] == "list":
                lines += _items(one, indent + "  ")
    return lines


def _line(nodes: Tree) -> str:
    parts: list[str] = []
    for node in nodes:
        match node["kind"]:
            case "text":
                text = _MARKS.sub(r"\\\1", node["text"])
                # what would begin an item at the start of a line is none there
                starts = not parts or parts[-1] == "\n"
                parts.append("\\" + text if starts and _ITEM.fullmatch(text + " ") else text)
            case "field":
                parts.append(f"{{{{ {node['field']} }}}}")
            case "break":
                parts.append("\n")
            case "strong":
                parts.append(f"**{_line(node['children'])}**")
            case "em":
                parts.append(_emphasis(node["children"]))
            case _:
                parts.append(f"[{_line(node['children'])}]({node['href']})")
    return "".join(parts)


def _emphasis(nodes: Tree) -> str:
    parts: list[str] = []
    plain: Tree = []
    for node in [*nodes, None]:
        if node is not None and node["kind"] != "strong":
            plain.append(node)
            continue
        if plain:
            parts.append(f"*{_line(plain)}*")
            plain = []
        if node is not None:
            parts.append(f"**{_emphasis(node['children'])}**")
    return "".join(parts)
