"""``when:`` of template.yaml: whether something is wanted for a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postroom.composition.paths import look, split


def wanted(record: dict[str, Any], when: str | Mapping[str, str] | None) -> bool:
    """None: always; a path: where its value is there and not empty; a mapping: where each path has the value named."""
    if when is None:
        return True
    if isinstance(when, str):
        return bool(look(record, split(when)))
    return all(_plain(look(record, split(path))) == value for path, value in when.items())


def _plain(value: Any) -> str:
    """A value as it is written in template.yaml."""
    return str(value).lower() if isinstance(value, bool) else str(value)
