"""zen's expression language cut into tokens, so that names can be found, checked and placed.

zen's own parser says only "Incomplete parser output" about an unknown function or an `&&`; with tokens we can say
what is wrong and where. This is a scanner, not a second parser: zen still decides what is valid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CLOSURES = frozenset({"map", "flatMap", "filter", "all", "some", "none", "one", "count"})
_OTHERS = """
    len contains flatten upper lower trim startsWith endsWith matches extract fuzzyMatch split abs sum avg min max
    median mode floor ceil round trunc rand number string bool isNumeric type keys values merge mergeDeep d date time
    duration year dayOfWeek dayOfMonth dayOfYear weekOfYear monthOfYear monthString dateString weekdayString startOf
    endOf
"""
FUNCTIONS = CLOSURES | frozenset(_OTHERS.split())
KEYWORDS = frozenset({"true", "false", "null", "and", "or", "not", "in", "as"})

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'[^']*'|"[^"]*")
      | (?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<name>\$root\b|[^\W\d]\w*|\$|\#)
      | (?P<op>\.\.|\?\?|\?\.|===?|!=|>=|<=|&&|\|\||[-+*/%^<>=!?:.,;()\[\]{}|&])
      | (?P<tick>`)
      | (?P<bad>.)""",
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(r"(?P<text>[^`$]+|\$(?!\{))|(?P<open>\$\{)|(?P<tick>`)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: string, number, name, op, text (inside a template), open (``${``), tick; ``at`` counts from 0."""

    kind: str
    text: str
    at: int


class Unreadable(Exception):
    """The text is no expression at all. ``at`` counts from 0."""

    def __init__(self, reason: str, hint: str, at: int) -> None:
        super().__init__(reason)
        self.reason, self.hint, self.at = reason, hint, at


def scan(expression: str) -> list[Token]:
    """Tokens without white space. Raises Unreadable for an open quote or a foreign character."""
    tokens: list[Token] = []
    at = 0
    nest: list[str] = []  # open brackets; "`" is a template's text, "${" an expression inside one
    while at < len(expression):
        in_text = bool(nest) and nest[-1] == "`"
        match = (_TEXT if in_text else _TOKEN).match(expression, at)
        assert match is not None and match.lastgroup is not None
        kind, text = match.lastgroup, match.group()
        if kind == "bad":
            raise _unreadable(text, at)
        if kind == "tick":
            if in_text:
                nest.pop()
            else:
                nest.append("`")
        elif kind == "open":
            nest.append("${")
        elif kind == "op" and text in "([{":
            nest.append(text)
        elif kind == "op" and text in ")]}" and nest:
            nest.pop()
        if kind != "space":
            tokens.append(Token(kind, text, at))
        at = match.end()
    if "`" in nest:
        raise Unreadable("A ` is opened and not closed.", "Close the text with a second `.", len(expression))
    return tokens


def _unreadable(text: str, at: int) -> Unreadable:
    if text in "'\"":
        return Unreadable(
            f"A quote {text} is opened and not closed.",
            "Close it; a text that holds one kind of quote goes into the other kind.",
            at,
        )
    return Unreadable(f"The character {text!r} means nothing here.", "Texts go into quotes.", at)
