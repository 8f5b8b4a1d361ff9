"""Values going into zen and coming out of it (P9).

zen makes a float of every number. So amounts go in as text and come out as the same text; whole numbers go in as
such and are made whole again; any other number is refused by name, on either side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from postroom.kernel.errors import BadInput
from postroom.kernel.json_text import writer
from postroom.kernel.quick_json import holds_only, quick
from postroom.rules import limits

#: Types that are as exact in zen as here, or become text on the way.
_EXACT = frozenset({str, bool, type(None), Decimal})
_KEEP_TEXT = "Keep it as text: read it as Decimal or text at the source, and calculate in the template's derive."


class FloatAtTheDoor(BadInput):
    """A binary floating-point number where exact values are needed."""

    code = "float-at-the-door"
    title = "A number is not exact"


class NotForRules(BadInput):
    """A value that rules cannot look at (an object of Python, bytes, a number beyond 64 bits)."""

    code = "not-for-rules"
    title = "A value cannot be used in rules"


def _exact_text(value: object) -> object:
    """Decimal as plain digits, dates in ISO 8601. Anything else is refused."""
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > 60:
            raise NotForRules(f"The number {value} has no plain form.", hint="Send a number with at most 60 digits.")
        return format(value, "f")
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    raise NotForRules(f"A value of type {type(value).__name__} cannot be used in rules.", hint="Send plain values.")


_written = writer(allow_nan=True, default=_exact_text)


def pass_in(record: object, money: Collection[str] = ()) -> bytes:
    """The record as JSON for zen. ``money``: paths (``lines[].price``) where not even a whole float is let in.

    Raises FloatAtTheDoor and NotForRules, both with the path.
    """
    try:
        encoded = quick(record)
        if encoded is None:
            encoded = _written(record if holds_only(record, _EXACT) else _walk(record, "", frozenset(money))).encode()
    except NotForRules as error:
        raise (error if error.context else _named(record, error)) from None
    except (TypeError, ValueError, RecursionError) as error:  # foreign keys, lone surrogates, cycles
        raise NotForRules(
            f"The record has no plain form: {error}.", hint="Send texts, numbers, lists and objects.", where=""
        ) from error
    if len(encoded) > limits.RECORD_BYTES:
        raise NotForRules(
            f"The record has {len(encoded)} bytes; {limits.RECORD_BYTES} are allowed.",
            hint="Split it at the source.",
            where="",
        )
    return encoded


def pass_out(value: Any, path: str) -> Any:
    """What zen gave, with whole numbers whole again. Raises FloatAtTheDoor with the path."""
    if isinstance(value, float):
        if value.is_integer() and abs(value) < limits.EXACT_INTEGER:
            return int(value)
        raise FloatAtTheDoor(
            f"{path} is the number {value!r}, which is not exact.",
            hint="Keep it as text; for a long whole number write string(..) around it.",
            where=path,
        )
    if isinstance(value, dict):
        return {key: pass_out(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [pass_out(item, f"{path}[{index + 1}]") for index, item in enumerate(value)]
    return value


def _walk(value: Any, path: str, money: frozenset[str], general: str = "") -> Any:
    """A copy without floats. ``general`` is the path with ``[]`` for any row, as in ``money``."""
    if isinstance(value, dict):
        return {
            key: _walk(item, f"{path}.{key}".lstrip("."), money, f"{general}.{key}".lstrip("."))
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_walk(item, f"{path}[{index + 1}]", money, f"{general}[]") for index, item in enumerate(value)]
    if isinstance(value, float):
        if general in money:
            raise FloatAtTheDoor(f"{path} is the number {value!r}, and it is money.", hint=_KEEP_TEXT, where=path)
        if not value.is_integer() or abs(value) >= limits.EXACT_INTEGER:
            raise FloatAtTheDoor(
                f"{path or 'The record'} is the number {value!r}, which is not exact.", hint=_KEEP_TEXT, where=path
            )
        return int(value)
    if isinstance(value, int) and value.bit_length() >= limits.INTEGER_BITS:
        raise NotForRules(
            f"{path or 'The record'} is a number of more than 64 bits.", hint="Send it as text.", where=path
        )
    return value


def _named(record: object, error: NotForRules) -> NotForRules:
    """The same error with the path of the value it is about."""
    where = _find(record, "")
    return NotForRules(f"{where or 'The record'}: {error.message}", hint=error.hint, where=where)


def _find(value: object, path: str) -> str:
    if isinstance(value, dict):
        return next((found for key, item in value.items() if (found := _find(item, f"{path}.{key}".lstrip(".")))), "")
    if isinstance(value, list | tuple):
        return next((found for index, item in enumerate(value) if (found := _find(item, f"{path}[{index + 1}]"))), "")
    if value is None or isinstance(value, str | int | float):
        return ""
    try:
        _exact_text(value)
    except NotForRules:
        return path
    return ""
