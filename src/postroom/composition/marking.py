"""A page that says what stands where on it: its source with a mark around whatever comes from data.

The Typst lane has a second, unseen layout of the same page. Its house library puts a link around values, words, tokens
and content blocks, and each call of the template's own pages says where it stands (``pinned``). A link has no look of
its own, so the layout stays. The other lanes have no such library: there a value is found on the page by its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: The links begin so; no page has others like them.
MARK = "https://mark.invalid/"
#: Calls of the template's own pages that can say where they stand; not where the name is being defined.
PINNED = re.compile(r"(?<![\w-])(?<!#let )(slot|decimals|word|brand|brand-lines)\((?!\))")
_RENAMED = ("slot", "word", "band", "decimals", "brand", "brand-lines")
_MARKING = """
#let _mark(what, body) = if body == [] { body } else { link("%s" + what, body) }
#let _pin(args) = if args.len() > 0 and type(args.at(0)) == str and args.at(0).starts-with("@@") {
  (args.at(0).slice(1), args.slice(1))
} else { ("", args) }
#let _path(args) = {
  let first = args.at(0)
  if args.len() == 1 { return first }
  if type(first) == dictionary { first.at("_at", default: "") + "." + args.at(1) } else { "" }
}
#let slot(..args) = {
  let (pin, at) = _pin(args.pos())
  if at.len() == 1 and type(at.at(0)) == content { return at.at(0) }
  _mark("slot/" + _path(at) + pin, _bare-slot(..at))
}
#let decimals(..args) = {
  let (pin, at) = _pin(args.pos())
  _mark("slot/" + _path(at.slice(0, -1)) + pin, _bare-decimals(..at))
}
#let word(..args) = {
  let (pin, at) = _pin(args.pos())
  _mark("word/" + at.at(0) + pin, _bare-word(..at, ..args.named()))
}
#let brand(..args) = {
  let (pin, at) = _pin(args.pos())
  let value = _bare-brand(..at)
  if type(value) == content { _mark("brand/" + at.at(0) + pin, value) } else { value }
}
#let brand-lines(..args) = {
  let (pin, at) = _pin(args.pos())
  _bare-brand-lines(..at).map(line => _mark("brand/" + at.at(0) + pin, line))
}
#let band(..args) = {
  let args = args.pos()
  let each = args.pop()
  let rows = _get(args)
  if rows == none { return () }
  let base = _path(args)
  rows.enumerate().map(((index, row)) => {
    let here = base + "." + str(index)
    if type(row) == str { each(_mark("slot/" + here, [#row])) }
    else if type(row) == dictionary { each(row + (_at: here)) }
    else { each(row) }
  })
}
"""


def marked_library(library: bytes) -> bytes:
    """The core of the house library, saying what stands where. The layout stays: a link has no look of its own."""
    text = library.decode()
    for name in _RENAMED:
        text = re.sub(rf"^#let {name}\(", f"#let _bare-{name}(", text, flags=re.MULTILINE)
    return (text + _MARKING % MARK).encode()


def marked_blocks(library: bytes) -> bytes:
    """The module of content blocks, saying which paragraph is of which block."""
    plain = "par(node.children.map(_inline).join())"
    marked = f'par(link("{MARK}block/" + key, node.children.map(_inline).join()))'
    return library.decode().replace(plain, marked).encode()


def pinned(name: str, page: bytes) -> bytes:
    """A page of the template whose calls say where they stand: ``slot("@@main.typ:51:13", row, "text")``. Lines stay
    what they are, so that a fault would be told at its own."""
    lines = page.decode("utf-8", "replace").split("\n")

    def said(number: int, line: str) -> str:
        code = line.partition("//")[0] if line.lstrip().startswith("//") else line
        return PINNED.sub(lambda call: f'{call[1]}("@@{name}:{number}:{call.start() + 1}", ', code)

    return "\n".join(said(number, line) for number, line in enumerate(lines, 1)).encode()


def values_of(view: Mapping[str, Any]) -> dict[str, list[str]]:
    """Each text of a view that can be told on a page by itself, with the marks of all it may be: longest first."""
    found: dict[str, list[str]] = {}

    def walk(value: Any, path: str) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if path or key not in ("words", "brand", "blocks"):
                    walk(inner, f"{path}.{key}" if path else str(key))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                walk(inner, f"{path}.{number}")
        elif isinstance(value, str) and len(value) > 1:
            found.setdefault(value, []).append(f"slot/{path}")

    walk(view, "")
    for key, text in view.get("words", {}).items():
        if isinstance(text, str) and len(text) > 1 and text not in found:
            found[text] = [f"word/{key}"]
    return dict(sorted(found.items(), key=lambda one: -len(one[0])))
