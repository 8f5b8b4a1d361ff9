"""Dotted names into a record: ``customer.address.city``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

Steps = tuple[str, ...]


@lru_cache(maxsize=4096)  # names of fields in templates: the same few for each record
def split(path: str) -> Steps:
    """The steps of a dotted name."""
    return tuple(path.split("."))


def look(record: Any, steps: Steps) -> Any:
    """The value at ``steps``, or None where something on the way is missing or no object."""
    for step in steps:
        if not isinstance(record, dict):
            return None
        record = record.get(step)
    return record


def put(record: dict[str, Any], steps: Steps, value: Any) -> None:
    """Set the value at ``steps``; objects on the way are made when missing."""
    for step in steps[:-1]:
        inner = record.get(step)
        if not isinstance(inner, dict):
            inner = record[step] = {}
        record = inner
    record[steps[-1]] = value


_DEEP = (dict, list)  # asked of every value: to write ``dict | list`` there would make a new type each time


def copy_tree(value: Any) -> Any:
    """A copy of JSON-like data that shares no object or list with the original."""
    if isinstance(value, dict):
        return {key: copy_tree(inner) if isinstance(inner, _DEEP) else inner for key, inner in value.items()}
    if isinstance(value, list):
        return [copy_tree(inner) if isinstance(inner, _DEEP) else inner for inner in value]
    return value
