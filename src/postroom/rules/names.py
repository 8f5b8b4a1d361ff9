"""Which names an expression uses, and the same expression with each name put in its place.

In a mapping, a bare name is a field of the record, or of the row inside ``each``. zen knows only the root and a
closure's alias, so ``track`` inside the first list becomes ``r1.track`` and ``record.x`` becomes ``$root.x``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from postroom.rules.tokens import FUNCTIONS, KEYWORDS, Token, scan

RECORD, ROW, OUTER = "record", "row", "outer"
_SPECIAL = frozenset({"$root", "$", "#"})
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Use:
    """A name and the members that follow it: ``customer.name`` at character ``at``. ``first`` and ``last`` are token
    indexes."""

    path: tuple[str, ...]
    at: int
    first: int
    last: int

    def __str__(self) -> str:
        return ".".join(self.path)


def uses(tokens: list[Token]) -> list[Use]:
    """All names that stand for data, in order. Function names, keywords, object keys and aliases are none."""
    aliases = {after.text for word, after in pairwise(tokens) if _is_as(word)}
    found: list[Use] = []
    braces: list[str] = []
    for index, token in enumerate(tokens):
        if token.kind == "open" or (token.kind == "op" and token.text in "([{"):
            braces.append(token.text)
        elif token.kind == "op" and token.text in ")]}" and braces:
            braces.pop()
        if token.kind != "name" or token.text in KEYWORDS or token.text in _SPECIAL or token.text in aliases:
            continue
        before = tokens[index - 1].text if index else ""
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if before == "." or (after == "(" and token.text in FUNCTIONS):
            continue
        if after == ":" and before in {"{", ","} and braces and braces[-1] == "{":
            continue
        found.append(_follow(tokens, index))
    return found


def place(expression: str, alias: str = "", outer: str = "") -> str:
    """The expression for zen. ``alias``: the closure's name for the row, empty at the root; ``outer``: that of the
    list around it."""
    tokens = scan(expression)
    parts: list[str] = []
    at = 0
    for use in uses(tokens):
        parts.append(expression[at : use.at])
        parts.append(_placed(use, alias, outer))
        last = tokens[use.last]
        at = last.at + len(last.text)
    parts.append(expression[at:])
    return "".join(parts)


def _placed(use: Use, alias: str, outer: str) -> str:
    head, *rest = use.path
    if head == RECORD:
        base = "$root"
    elif alias and head == ROW:
        base = alias
    elif alias and head == OUTER:
        base = outer or "$root"
    elif not alias and _PLAIN.fullmatch(head):
        base = head
    else:
        base, rest = alias or "$root", list(use.path)
    return base + "".join(f".{name}" if _PLAIN.fullmatch(name) else f'["{name}"]' for name in rest)


def _follow(tokens: list[Token], index: int) -> Use:
    path, last = [tokens[index].text], index
    while last + 2 < len(tokens) and tokens[last + 1].text == "." and tokens[last + 2].kind == "name":
        if last + 3 < len(tokens) and tokens[last + 3].text == "(":
            break  # a method, such as .format('%Y')
        path.append(tokens[last + 2].text)
        last += 2
    return Use(tuple(path), tokens[index].at, index, last)


def _is_as(token: Token) -> bool:
    return token.kind == "name" and token.text == "as"
