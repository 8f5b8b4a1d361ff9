"""A compiled mapping: what the file said, checked, with the lines it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from postroom.rules.lint import suggest
from postroom.rules.names import OUTER, RECORD, ROW, Use, uses
from postroom.rules.tokens import scan

_LOOKED_AT_ROWS = 50


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field. ``path`` in the contract's shape without list marks; ``empty``: what a null becomes (``keep``,
    ``leave out``, ``set aside``); ``default`` comes first when ``has_default``."""

    path: tuple[str, ...]
    expression: str
    line: int
    empty: str
    money: bool = False
    has_default: bool = False
    default: Any = None
    lookup: str = ""
    has_otherwise: bool = False
    otherwise: Any = None


@dataclass(frozen=True, slots=True)
class Each:
    """A list of rows made from a list in the source."""

    path: tuple[str, ...]
    source: str
    line: int
    empty: str
    fields: tuple[Leaf | Each, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in a sample record that does not fit the mapping: most often a misspelt source field."""

    field: str
    line: int
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Ready to run. ``program`` is what a cell needs (JSON); ``money`` are the source paths that hold money."""

    template: str
    records: str
    fields: tuple[Leaf | Each, ...]
    constants: dict[str, Any]
    lookups: dict[str, dict[str, Any]]
    money: frozenset[str]
    program: bytes

    def check(self, sample_record: Any) -> list[Doubt]:
        """Source fields that a sample record does not have, each with a suggestion. Nothing is evaluated."""
        return list(_doubts(self.fields, [sample_record], [sample_record], ""))


def source_paths(leaf: Leaf | Each) -> list[Use]:
    """The source fields that a leaf's or list's expression reads."""
    return uses(scan(leaf.expression if isinstance(leaf, Leaf) else leaf.source))


def _doubts(fields: tuple[Leaf | Each, ...], rows: list[Any], roots: list[Any], prefix: str) -> Iterator[Doubt]:
    for entry in fields:
        name = prefix + ".".join(entry.path)
        for use in source_paths(entry):
            path, base = list(use.path), rows
            if path[0] == RECORD:
                path, base = path[1:], roots
            elif prefix and path[0] == ROW:
                path = path[1:]
            elif prefix and path[0] == OUTER:
                continue
            missing = _missing(base, path)
            if missing:
                yield Doubt(name, entry.line, f'The sample has no field "{missing[0]}".', missing[1])
        if isinstance(entry, Each):
            inner = [
                row for found in _values(rows, entry.source) for row in (found if isinstance(found, list) else [found])
            ]
            objects = [row for row in inner if isinstance(row, dict)][:_LOOKED_AT_ROWS]
            if objects:
                yield from _doubts(entry.fields, objects, roots, f"{name}[].")
            elif not inner:
                yield Doubt(name, entry.line, f'The list "{entry.source}" is empty or missing in the sample.')


def _values(rows: list[Any], source: str) -> Iterator[Any]:
    """What a plain path gives; an expression that calculates its list is not followed."""
    for row in rows:
        at = row
        for name in source.strip().split("."):
            at = at.get(name) if isinstance(at, dict) else None
        if at is not None:
            yield at


def _missing(rows: list[Any], path: list[str]) -> tuple[str, str] | None:
    """The first name of ``path`` that no row has, with a suggestion. A null on the way proves nothing."""
    seen: list[str] = []
    for name in path:
        objects = [row for row in rows if isinstance(row, dict)]
        if not objects:
            return None
        seen.append(name)
        known = sorted({key for row in objects for key in row})
        if name not in known:
            return ".".join(seen), suggest(name, known) or f"It has: {', '.join(known[:12])}."
        rows = [row[name] for row in objects if row.get(name) is not None]
    return None
