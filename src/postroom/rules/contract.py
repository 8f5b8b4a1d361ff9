"""The data contract as a mapping sees it: which names a record has, which it must have, which hold money.

Only the shape is read here; validating a record is the contract's own business. What cannot be known (an open
object, a reference to elsewhere) is taken as allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_MONEY = frozenset({"money", "money-symbol"})
_FOLLOW = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """One place of the contract. ``names`` is None for an open object or a plain value."""

    names: dict[str, Any] | None = None
    required: frozenset[str] = frozenset()
    items: Any = None
    money: bool = False
    nullable: bool = False
    root: dict[str, Any] = field(default_factory=dict, repr=False)

    def child(self, name: str) -> Shape | None:
        """The place below, an unknown shape where the object is open, None where there is no such name."""
        if self.names is None:
            return Shape(nullable=True, root=self.root)
        return _shape(self.names[name], self.root) if name in self.names else None

    def row(self) -> Shape:
        """The place of a list's items."""
        return _shape(self.items, self.root) if self.items is not None else Shape(nullable=True, root=self.root)


def shape(contract: dict[str, Any]) -> Shape:
    """The shape of a whole record."""
    return _shape(contract, contract)


def _shape(schema: Any, root: dict[str, Any]) -> Shape:
    names: dict[str, Any] = {}
    required: set[str] = set()
    items: Any = None
    money = nullable = False
    types: set[str] = set()
    closed = True
    for part, binding in _parts(schema, root, _FOLLOW):
        kinds = part.get("type")
        types |= {kinds} if isinstance(kinds, str) else set(kinds or ())
        names |= part.get("properties", {})
        required |= set(part.get("required", ())) if binding else set()
        items = part.get("items", items)
        money = money or part.get("x-format") in _MONEY
        if isinstance(part.get("additionalProperties"), dict) or part.get("patternProperties"):
            closed = False
        nullable = nullable or "null" in types or part.get("const", 0) is None or None in part.get("enum", ())
    known = bool(names) and closed
    return Shape(
        names if known else None,
        frozenset(required),
        items,
        money,
        nullable or not types,
        root,
    )


def _parts(schema: Any, root: dict[str, Any], left: int) -> list[tuple[dict[str, Any], bool]]:
    """The schema and all it is composed of; the flag says whether its ``required`` binds in every case."""
    if not isinstance(schema, dict) or left == 0:
        return []
    found = [(schema, True)]
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        found += _parts(_pointed(reference, root), root, left - 1)
    for part in schema.get("allOf", ()):
        found += _parts(part, root, left - 1)
    for keyword in ("anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            found += [(inner, False) for inner, _ in _parts(part, root, left - 1)]
    return found


def _pointed(reference: str, root: dict[str, Any]) -> Any:
    """The schema at a JSON pointer (RFC 6901) of the same file."""
    at: Any = root
    for step in reference.lstrip("#").lstrip("/").split("/"):
        if not step:
            continue
        name = step.replace("~1", "/").replace("~0", "~")
        at = at.get(name) if isinstance(at, dict) else None
    return at
