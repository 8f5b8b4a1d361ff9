"""JSON text that keeps decimals exact: ``12.50`` stays ``12.50`` on its way through a row."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

_MARK = "\x00decimal:"
_MARKED = re.compile(r'"\\u0000decimal:([^"]+)"')


def dumps(data: Any) -> str:
    """Compact JSON; Decimals are written as numbers with their own digits."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_mark)
    return _MARKED.sub(r"\1", text) if "\\u0000decimal:" in text else text


def loads(text: str) -> Any:
    """The data of ``dumps``; fractions come back as Decimal."""
    return json.loads(text, parse_float=Decimal)


def _mark(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{_MARK}{value}"
    raise TypeError(f"{type(value).__name__} is not JSON")
