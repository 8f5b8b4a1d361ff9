"""zen's error messages in words for the writer of an expression."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_PLACE = re.compile(r" ?at \((\d+), \d+\)| at (\d+)$")
_OPCODE = re.compile(r"Opcode (\w+): (.*)")

_MEANT = {
    "Add": "`+` joins two texts or adds two numbers; here it got something else.",
    "Begin": "A list function got something that is no list.",
    "Compare": "A comparison with < or > needs two numbers or two dates.",
    "Not": "`not` needs true or false.",
    "JumpIfFalse": "`and` and `? :` need true or false.",
    "JumpIfTrue": "`or` needs true or false.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What zen said about one expression; ``column`` counts from 1, 0 when unknown."""

    reason: str
    hint: str = ""
    column: int = 0


def first_line(error: BaseException) -> tuple[str, str]:
    """(kind, message) of a zen error; the rest of its text is a stack of Rust's."""
    line = str(error).split("\n", 1)[0]
    try:
        body = json.loads(line)
        return str(body["type"]), str(body["source"])
    except (ValueError, KeyError, TypeError):
        return "error", line[:300]


def parsed(error: BaseException) -> Said:
    return explain(*first_line(error))


def explain(kind: str, message: str) -> Said:
    """The message of a parser, lexer or run-time error."""
    if kind == "vmError":
        found = _OPCODE.match(message)
        if not found:
            return Said(message)
        code, rest = found.groups()
        if code == "CallFunction":
            return Said(
                rest.replace("Argument on 0", "the first argument").replace("Argument on 1", "the second argument")
            )
        return Said(_MEANT.get(code, f"{code} got a value it cannot use ({rest})."))
    place = _PLACE.search(message)
    column = int(place.group(1) or place.group(2)) + 1 if place else 0
    if message.startswith("Incomplete parser output"):
        return Said("Something stands behind the end of the expression.", "Look for a missing operator.")
    if message.startswith("Unexpected end"):
        return Said("The expression ends too early.", "Something is missing behind the last operator.", column)
    if message.startswith("Expected a literal"):
        return Said("The cell ends too early.", "Write a value behind the operator.", column)
    return Said(_PLACE.sub("", message), "", column)
