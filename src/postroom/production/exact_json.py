"""JSON text that keeps decimals exact: ``12.50`` stays ``12.50`` on its way through a row."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from postroom.kernel.json_text import reader, writer
from postroom.kernel.quick_json import quick

_MARK = "\x00decimal:"
_MARKED = re.compile(r'"\\u0000decimal:([^"]+)"')
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def _mark(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{_MARK}{value}"
    raise TypeError(f"{type(value).__name__} is not JSON")


_written = writer(allow_nan=True, default=_mark)


def dumps(data: Any, *, indent: int | None = None) -> str:
    """Compact JSON, or for people with ``indent``; Decimals are written as numbers with their own digits."""
    if indent is None:
        text = known.decode() if (known := quick(data)) is not None else _written(data)
    else:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ": "), indent=indent, default=_mark)
    return _MARKED.sub(r"\1", text) if "\\u0000decimal:" in text else text


def loads(text: str) -> Any:
    """The data of ``dumps``; fractions come back as Decimal. Raises json.JSONDecodeError, also for NaN and Infinity."""
    return _read(text)


def loads_all(texts: Sequence[str]) -> list[Any]:
    """The data of many texts of ``dumps``, in one reading: names that come in each of them are made once."""
    read: list[Any] = _read(f"[{','.join(texts)}]")
    return read


def storable(text: str) -> str:
    """JSON text without U+0000, which no later step can keep; a backslash that only looks like one stays."""
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


def _no_number(name: str) -> Any:
    raise json.JSONDecodeError(f"{name} is not a JSON number", name, 0)


#: Made once: ``json.loads`` with options makes one for each text.
_read = reader(parse_float=Decimal, parse_constant=_no_number)
