"""One byte form of a record, so that equal records have equal digests (P5).

After RFC 8785: sorted keys, no spaces, UTF-8, numbers in their shortest form. Decimals are written as text, as money
is text everywhere else (P9).
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from postroom.kernel.errors import BadInput
from postroom.kernel.json_text import writer


class NotCanonical(BadInput):
    """A value has no JSON form."""

    code = "not-canonical"
    title = "The record cannot be written as JSON"


def canonical(record: Any) -> bytes:
    """The canonical bytes of JSON-like data. Raises NotCanonical."""
    try:
        return _write(_whole(record)).encode()
    except (TypeError, ValueError, RecursionError) as error:  # UnicodeEncodeError is a ValueError
        raise NotCanonical(f"The record cannot be written as JSON: {error}.", hint="Use plain JSON values.") from error


def _whole(value: Any) -> Any:
    """The same data with whole floats as integers (RFC 8785 writes 2.0 as 2); shared where nothing changes."""
    kind = type(value)
    if kind is dict:
        changed = None
        for key, inner in value.items():
            if type(inner) in _DEEP and (other := _whole(inner)) is not inner:
                changed = changed or dict(value)
                changed[key] = other
        return value if changed is None else changed
    if kind is list:
        if any(type(inner) in _DEEP for inner in value):
            return [_whole(inner) for inner in value]
        return value
    if kind is float and math.isfinite(value) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def _decimal(value: Any) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    raise TypeError(f"{value!r} is not a JSON value")


_DEEP = frozenset({dict, list, float})
_write = writer(sort_keys=True, default=_decimal)
