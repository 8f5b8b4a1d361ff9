"""JSON text that keeps decimals exact: ``12.50`` stays ``12.50`` on its way through a row."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

_MARK = "\x00decimal:"
_MARKED = re.compile(r'"\\u0000decimal:([^"]+)"')
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def dumps(data: Any, *, indent: int | None = None) -> str:
    """Compact JSON, or for people with ``indent``; Decimals are written as numbers with their own digits."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(data, ensure_ascii=False, separators=separators, indent=indent, default=_mark)
    return _MARKED.sub(r"\1", text) if "\\u0000decimal:" in text else text


def loads(text: str) -> Any:
    """The data of ``dumps``; fractions come back as Decimal. Raises json.JSONDecodeError, also for NaN and Infinity."""
    return _DECODER.decode(text)


def storable(text: str) -> str:
    """JSON text without U+0000, which no later step can keep; a backslash that only looks like one stays."""
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


def _no_number(name: str) -> Any:
    raise json.JSONDecodeError(f"{name} is not a JSON number", name, 0)


#: Made once: ``json.loads`` with options makes one for each text.
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


def _mark(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{_MARK}{value}"
    raise TypeError(f"{type(value).__name__} is not JSON")
