"""What a new data contract asks of whoever sends records: what would be refused that was taken before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from postroom.composition.shape import Field, shape


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """Sentences about fields that went, became necessary, or became something else; () when records of before fit."""
    return tuple(_walk(shape(before), shape(after), ""))


def paths(contract: dict[str, Any]) -> list[str]:
    """Every field of a contract, rows of lists as ``lines[].amount``."""
    return [path for path, _ in _fields(shape(contract), "")]


def _fields(here: Field, at: str) -> Iterator[tuple[str, Field]]:
    for name, inner in here.fields.items():
        path = f"{at}.{name}" if at else name
        yield path, inner
        yield from _fields(inner, path)
    if here.items is not None:
        yield from _fields(here.items, f"{at}[]")


def _walk(old: Field, new: Field, at: str) -> Iterator[str]:
    for name in sorted(old.fields.keys() | new.fields.keys()):
        path = f"{at}.{name}" if at else name
        was, now = old.fields.get(name), new.fields.get(name)
        must = name in new.required
        if now is None:
            yield f"{path} is gone"
        elif was is None:
            if must:
                yield f"{path} is new and must be there"
        else:
            if must and name not in old.required:
                yield f"{path} must be there now"
            if was.kind != now.kind or (was.types and now.types and not was.types <= now.types):
                yield f"{path} was {_called(was)} and is {_called(now)}"
            yield from _walk(was, now, path)
    if old.items is not None and new.items is not None:
        yield from _walk(old.items, new.items, f"{at}[]")


def _called(field: Field) -> str:
    return " or ".join(sorted(field.types)) or field.kind
