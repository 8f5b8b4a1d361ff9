"""JSON (RFC 8259) read strictly: exact numbers, no NaN, no name twice in an object, nothing that cannot be stored.

The scanner is the one of the standard library; it runs in C and tells where it stopped. The checks that need a
second look at the values run only when the text gives cause (a ``\\u`` escape, more than 100 brackets).
"""

from __future__ import annotations

import json
from decimal import Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow, Rounded, Subnormal
from typing import Any, NoReturn

from postroom.plugins.sources._base import MAX_DEPTH, Flaw

# A number such as 1e999999999 is ten bytes here and a gigabyte when it is written out; no business number needs it.
_EXACT = Context(
    prec=400,
    Emax=400,
    Emin=-400,
    traps=[Inexact, Rounded, Overflow, Subnormal, Clamped, InvalidOperation],
)


def _number(flaw: str) -> Flaw:
    return Flaw("not-a-number", flaw, "Write numbers with at most 400 digits, or as text.")


def _constant(name: str) -> NoReturn:
    raise Flaw("not-a-number", f"{name} is not a number of JSON (RFC 8259, section 6).", "Write null instead.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            break
        seen.add(name)
    raise Flaw(
        "duplicate-key",
        f'The name "{name[:200]}" occurs twice in one object.',
        "Leave one of them out; which one would count is not defined.",
        path=f"$..{name[:200]}",
    )


_STRICT = json.JSONDecoder(parse_float=_EXACT.create_decimal, parse_constant=_constant, object_pairs_hook=_object)
_LENIENT = json.JSONDecoder(parse_float=str, parse_int=str)


class Stopped(Exception):
    """The text stops being JSON at ``position`` (characters). ``ran_out``: more text might cure it."""

    def __init__(self, position: int, reason: str, ran_out: bool) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason
        self.ran_out = ran_out


def scan(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at ``start`` and where it ends. Raises Stopped, or Flaw for a value that is JSON and
    cannot be used (``end_of`` then tells where it ends).
    """
    try:
        value, end = _STRICT.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise _stopped(error, text) from error
    except ArithmeticError as error:
        raise _number("A number has more than 400 digits or an exponent beyond 400.") from error
    except RecursionError as error:
        raise _too_deep() from error
    except Flaw:
        raise
    except ValueError as error:  # an integer beyond the digits Python converts (sys.set_int_max_str_digits)
        raise _number("An integer has too many digits.") from error
    if text.count("[", start, end) + text.count("{", start, end) > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise _too_deep()
    if text.find("\\", start, end) >= 0 and text.find("\\u", start, end) >= 0:
        _refuse_unstorable(value)
    return value, end


def end_of(text: str, start: int) -> int:
    """Where the value that begins at ``start`` ends, whatever it holds. Raises Stopped."""
    try:
        return _LENIENT.raw_decode(text, start)[1]
    except json.JSONDecodeError as error:
        raise _stopped(error, text) from error
    except RecursionError as error:
        raise Stopped(start, "nested too deeply", True) from error


def _stopped(error: json.JSONDecodeError, text: str) -> Stopped:
    ran_out = error.msg.startswith("Unterminated string") or error.pos > len(text) - 16
    reason = error.msg[0].lower() + error.msg[1:].removesuffix(" starting at").removesuffix(" at")
    return Stopped(error.pos, reason, ran_out)


def _too_deep() -> Flaw:
    return Flaw("too-deep", f"The record is nested deeper than {MAX_DEPTH} levels.", "Make its structure flatter.")


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [kid for item in level for kid in (item.values() if isinstance(item, dict) else item)]
    return depth


def _refuse_unstorable(value: Any, path: str = "$") -> None:
    if isinstance(value, str):
        refuse_unstorable_text(value, path)
    elif isinstance(value, dict):
        for name, item in value.items():
            refuse_unstorable_text(name, path)
            _refuse_unstorable(item, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_unstorable(item, f"{path}[{index}]")


def refuse_unstorable_text(text: str, path: str) -> None:
    """Raises Flaw for a text with U+0000 or half of a surrogate pair: the database refuses them."""
    if "\x00" in text:
        raise Flaw("not-storable", "A text holds the character U+0000.", "Remove it from the text.", path=path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        raise Flaw(
            "not-storable",
            f"A text holds half of a surrogate pair ({half}), which is no character.",
            "Write the character whole; a text was probably cut in the middle of an emoji.",
            path=path,
        ) from error


def parse_record(text: str, line: int) -> dict[str, Any]:
    """The one object that is all of ``text``. ``line`` is for the message. Raises Flaw."""
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        value, end = scan(text, start)
    except Stopped as stop:
        raise Flaw(
            "not-well-formed",
            f"Line {line}, column {stop.position + 1}: {stop.reason}.",
            "Write one complete JSON object on each line.",
        ) from stop
    if type(value) is not dict:
        raise not_an_object(value, line)
    if text[end:] not in ("", "\n") and text[end:].strip(" \t\r\n"):
        end += len(text[end:]) - len(text[end:].lstrip(" \t\r\n"))
        raise Flaw(
            "not-well-formed",
            f"Line {line}, column {end + 1}: there is more text after the object.",
            "Write one JSON object on each line.",
        )
    return value


def not_an_object(value: Any, line: int) -> Flaw:
    """The flaw of a value that is JSON and no record."""
    kinds: dict[type, str] = {
        list: "a list",
        str: "a text",
        int: "a number",
        Decimal: "a number",
        bool: "true or false",
    }
    kind = kinds.get(type(value), "null")
    return Flaw(
        "not-an-object", f"Line {line}: this is {kind}, not an object.", 'Write each record as {"name": value}.'
    )
