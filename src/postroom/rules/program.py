"""The whole mapping as one zen expression, and the plan by which a cell makes a record of its result.

One evaluation per record: zen converts the record once, and a list of values comes back in the order of the plan.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from postroom.rules.mapping import Each, Leaf, source_paths
from postroom.rules.names import RECORD, place
from postroom.rules.tokens import Token, scan

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_ARITHMETIC = frozenset({"*", "/", "%", "^"})
_CALCULATING = frozenset({"sum", "avg", "median", "mode", "abs", "round", "floor", "ceil", "trunc", "number", "rand"})


def build(fields: tuple[Leaf | Each, ...], constants: dict[str, Any], lookups: dict[str, dict[str, Any]]) -> bytes:
    """The program as JSON, for `bench.RulesBench`."""
    program = {
        "expression": _scope(fields, 0),
        "plan": [_node(entry, 0, "") for entry in fields],
        "constants": [[name.split("."), value] for name, value in constants.items()],
        "lookups": lookups,
    }
    return json.dumps(program, ensure_ascii=False, separators=(",", ":")).encode()


def placements(
    fields: tuple[Leaf | Each, ...], depth: int = 0, prefix: str = ""
) -> Iterator[tuple[Leaf | Each, str, str]]:
    """Each entry with its expression as zen will see it, and its name."""
    for entry in fields:
        label = prefix + ".".join(entry.path)
        if isinstance(entry, Leaf):
            yield entry, _place(entry.expression, depth), label
        else:
            yield entry, _place(entry.source, depth), label
            yield from placements(entry.fields, depth + 1, f"{label}[].")


def calculates_money(expression: str) -> str:
    """Why an expression calculates an amount, or nothing. ``+`` may join texts; its result is looked at later."""
    tokens = scan(expression)
    for index, token in enumerate(tokens):
        if token.kind == "op" and (token.text in _ARITHMETIC or (token.text == "-" and _between(tokens, index))):
            return f"`{token.text}`"
        follows = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if token.kind == "name" and token.text in _CALCULATING and follows == "(":
            return f"`{token.text}(..)`"
    return ""


def general_path(path: str, base: str) -> str:
    """A source path from the root, ``[]`` for any row; ``base`` is the list around it."""
    head, _, rest = path.strip().partition(".")
    return rest if head == RECORD else base + path.strip()


def alias(depth: int) -> str:
    """The name of a row in the zen expression, one for each depth of lists."""
    return f"r{depth}" if depth else ""


def _scope(fields: tuple[Leaf | Each, ...], depth: int) -> str:
    return "[" + ", ".join(_part(entry, depth) for entry in fields) + "]"


def _part(entry: Leaf | Each, depth: int) -> str:
    if isinstance(entry, Leaf):
        return f"({_place(entry.expression, depth)})"
    source = f"({_place(entry.source, depth)})"
    rows = as_rows(source)
    return f"({source} == null ? null : map({rows} as {alias(depth + 1)}, {_scope(entry.fields, depth + 1)}))"


def as_rows(source: str) -> str:
    """XML has no lists: one line and many lines look different there, so a single object counts as one row."""
    return f"(type({source}) == 'object' ? [{source}] : {source})"


def _place(expression: str, depth: int) -> str:
    return place(expression, alias(depth), alias(max(depth - 1, 0)))


def _node(entry: Leaf | Each, depth: int, prefix: str) -> dict[str, Any]:
    label = prefix + ".".join(entry.path)
    node: dict[str, Any] = {"label": label, "path": entry.path, "empty": entry.empty}
    if isinstance(entry, Each):
        source = _place(entry.source, depth)
        node |= {"written": entry.source, "zen": source, "alias": alias(depth + 1), "reads": _reads(entry, depth)}
        node["rows"] = [_node(inner, depth + 1, "") for inner in entry.fields]
        return node
    node |= {"written": entry.expression, "zen": _place(entry.expression, depth), "money": entry.money}
    node["bare"] = bool(_PATH.fullmatch(entry.expression.strip()))
    node["reads"] = _reads(entry, depth)
    node["texts"] = [[text, _place(text, depth)] for text in made_texts(entry.expression)]
    if entry.has_default:
        node["default"] = entry.default
    if entry.lookup:
        node["lookup"] = entry.lookup
    if entry.has_otherwise:
        node["otherwise"] = entry.otherwise
    return node


def _reads(entry: Leaf | Each, depth: int) -> list[list[str | bool]]:
    """Source fields as [written, for zen, whether it stands before ``??``], to say later which of them was empty."""
    tokens = scan(entry.expression if isinstance(entry, Leaf) else entry.source)
    return [
        [str(use), _place(str(use), depth), use.last + 1 < len(tokens) and tokens[use.last + 1].text == "??"]
        for use in source_paths(entry)
    ]


def made_texts(expression: str) -> list[str]:
    """What goes into ``string(..)`` and ``${..}``: zen writes the word "null" there when it is empty."""
    tokens = scan(expression)
    found = []
    for index, token in enumerate(tokens):
        opens = token.kind == "open" or (
            token.text == "(" and index > 0 and tokens[index - 1].kind == "name" and tokens[index - 1].text == "string"
        )
        if opens:
            end = _closing(tokens, index)
            found.append(expression[token.at + len(token.text) : end].strip())
    return [text for text in found if text]


def _closing(tokens: list[Token], index: int) -> int:
    depth = 0
    for token in tokens[index:]:
        if token.kind == "open" or (token.kind == "op" and token.text in "([{"):
            depth += 1
        elif token.kind == "op" and token.text in ")]}":
            depth -= 1
            if depth == 0:
                return token.at
    return tokens[-1].at


def _between(tokens: list[Token], index: int) -> bool:
    return index > 0 and (tokens[index - 1].kind != "op" or tokens[index - 1].text in ")]}")
