"""JSON of records that hold nothing but what JSON knows exactly. Apart from ``json_text``, which cells load too."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json

#: Beside lists, objects and whole numbers of 64 bits.
_PLAIN = frozenset({str, bool, type(None)})
_BITS = 63


def quick(value: Any) -> bytes | None:
    """Compact JSON of what JSON knows exactly, in a third of the time: texts, truth values, nulls and whole numbers of
    64 bits in lists and in objects with texts for names. None for anything else: that is for a ``writer``."""
    return to_json(value) if holds_only(value, _PLAIN) else None


def holds_only(value: Any, kinds: frozenset[object]) -> bool:
    """Whether there is nothing but values of these very types, and whole numbers of 64 bits, in lists and objects."""
    for inner in value.values() if type(value) is dict else value if type(value) is list else (value,):
        kind = type(inner)
        if kind in kinds:
            continue
        if kind is int:
            if inner.bit_length() > _BITS:
                return False
        elif (kind is not dict and kind is not list) or not holds_only(inner, kinds):
            return False
    return True
