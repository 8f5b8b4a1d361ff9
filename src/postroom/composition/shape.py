"""The shape a contract gives a record: which fields there are, and which of them people read.

Strings are display only; booleans, numbers, list lengths and emptiness are structure (docs/templates.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FORMATS = frozenset({"money", "money-symbol", "date", "date-short", "quantity", "percent", "country"})
Kind = Literal["object", "list", "text", "structure"]


class ShapeFault(Exception):
    """The contract does not say what a page may show."""

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.where, self.what, self.hint = where, what, hint


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``shown`` is its x-format, or empty; ``personal`` its x-personal where the contract says it;
    ``closed``: its values are those that the contract lists."""

    kind: Kind
    shown: str = ""
    types: frozenset[str] = frozenset()
    fields: Mapping[str, Field] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Field | None = None
    personal: bool | None = None
    closed: bool = False

    def find(self, path: str) -> Field | None:
        """The field at a dotted path that crosses no list; None when the contract has no such field."""
        here: Field | None = self
        for step in path.split("."):
            here = here.fields.get(step) if here is not None else None
        return here

    def at(self, steps: list[str | int]) -> Field | None:
        """The field a validator's instance path names."""
        here: Field | None = self
        for step in steps:
            if here is None:
                return None
            here = here.items if isinstance(step, int) else here.fields.get(step)
        return here

    def rows(self) -> Iterator[Field]:
        """Every item shape of every list below, for names read from a row."""
        for inner in self.fields.values():
            yield from inner.rows()
        if self.items is not None:
            yield self.items
            yield from self.items.rows()


def shape(schema: Mapping[str, Any]) -> Field:
    """The shape of a record. Raises ShapeFault."""
    root = _read(schema, schema, "$", ())
    if root.kind != "object":
        raise ShapeFault("$", "The contract does not describe an object.", 'Start it with "type": "object".')
    for name in ("words", "document", "brand", "blocks"):
        if name in root.fields:
            raise ShapeFault(
                f"$.{name}", f"The field name {name!r} is taken by the page's own data.", "Give the field another name."
            )
    return root


def _read(schema: Any, root: Mapping[str, Any], where: str, refs: tuple[str, ...]) -> Field:
    if not isinstance(schema, Mapping):
        return Field("structure")
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in refs:
            raise ShapeFault(where, f"{reference} contains itself.", "A page needs a record of a fixed depth.")
        target = _resolve(reference, root, where)
        return _read({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, root, where, (*refs, reference))
    types = schema.get("type", ())
    kinds = frozenset([types] if isinstance(types, str) else types) - {"null"}
    shown = schema.get("x-format", "")
    personal = schema.get("x-personal")
    if personal is not None and not isinstance(personal, bool):
        raise ShapeFault(where, f"x-personal is {personal!r}.", "Write true or false.")
    if shown and shown not in FORMATS:
        raise ShapeFault(where, f"There is no x-format {shown!r}.", f"There is: {', '.join(sorted(FORMATS))}.")
    if kinds == {"object"} or "properties" in schema:
        if shown:
            raise ShapeFault(where, "x-format stands on an object.", "Put it on the fields inside.")
        fields = {
            str(name): _read(inner, root, f"{where}.{name}", refs)
            for name, inner in schema.get("properties", {}).items()
        }
        for name in fields:
            if not name or "." in name:
                raise ShapeFault(where, f"The field name {name!r} holds a point or is empty.", "Dots separate names.")
        return Field(
            "object", types=kinds, fields=fields, required=frozenset(schema.get("required", ())), personal=personal
        )
    if kinds == {"array"} or "items" in schema:
        if shown:
            raise ShapeFault(where, "x-format stands on a list.", "Put it on the items.")
        return Field(
            "list", types=kinds, items=_read(schema.get("items", {}), root, f"{where}[]", refs), personal=personal
        )
    if shown in ("money", "money-symbol") and kinds != {"string"}:
        raise ShapeFault(where, "Money must be text (P9).", 'Use "type": "string" beside the x-format.')
    if shown in ("date", "date-short", "country") and kinds != {"string"}:
        raise ShapeFault(where, f"The x-format {shown!r} needs text.", 'Use "type": "string" beside it.')
    if shown in ("quantity", "percent") and not (kinds and kinds <= {"string", "number", "integer"}):
        raise ShapeFault(where, f"The x-format {shown!r} needs a number or text.", 'Use "type": "number" beside it.')
    closed = "enum" in schema or "const" in schema
    if shown or kinds == {"string"}:
        return Field("text", shown=shown, types=kinds, personal=personal, closed=closed)
    if "string" in kinds:
        raise ShapeFault(
            where, "The field may be text or something else.", "Text is shown and the rest is structure: choose one."
        )
    values = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
    if not kinds and values and all(isinstance(value, str) for value in values):
        return Field("text", types=frozenset({"string"}), personal=personal, closed=closed)
    if not kinds:
        raise ShapeFault(where, "The field has no type.", 'Say "type": "string", "number", "boolean", ...')
    return Field("structure", types=kinds, personal=personal, closed=closed)


def _resolve(reference: str, root: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    target: Any = root
    if not reference.startswith("#/"):
        raise ShapeFault(where, f"{reference!r} points outside the contract.", "Use #/$defs/... of the same file.")
    for step in reference[2:].split("/"):
        target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, Mapping) else None
    if not isinstance(target, Mapping):
        raise ShapeFault(where, f"{reference!r} names nothing in the contract.", "Check $defs.")
    return target
