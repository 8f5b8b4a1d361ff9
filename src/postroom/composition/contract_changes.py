"""What a new data contract asks of whoever sends records: what would be refused that was taken before.

Keyword by keyword of JSON Schema, and careful rather than complete: what is not understood (``allOf``, ``if``) is told
as changed where it is not the same. Whether real records fit is for the replay (ADR 0037).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from postroom.composition.shape import Field, shape

#: Keywords that refuse more when they grow, and those that do when they shrink.
_LEAST = {
    "minLength": "is at least {} characters long",
    "minItems": "has at least {} entries",
    "minimum": "is at least {}",
    "exclusiveMinimum": "is more than {}",
}
_MOST = {
    "maxLength": "is at most {} characters long",
    "maxItems": "has at most {} entries",
    "maximum": "is at most {}",
    "exclusiveMaximum": "is less than {}",
}
_FORMS = ("pattern", "format", "x-format", "multipleOf", "uniqueItems")
_BRANCHES = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas")
_DEEPEST = 40


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences about what went, became necessary, narrower, or something else; () when records of before fit."""
    return tuple(dict.fromkeys(_walk(before, after, before, after, "", 0)))


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


def _walk(old: Any, new: Any, before: Any, after: Any, at: str, depth: int) -> Iterator[str]:
    old, new = _whole(old, before), _whole(new, after)
    if depth > _DEEPEST or (old == new and before == after):
        return
    yield from _value(old, new, at)
    had, has = old.get("properties", {}), new.get("properties", {})
    must = set(new.get("required", ())) - set(old.get("required", ()))
    for name in sorted(had.keys() | has.keys() | must):
        path = f"{at}.{name}" if at else name
        if name not in has and name in had:
            if new.get("additionalProperties", True) is False:
                yield f"{path} is gone"
        elif name not in had:
            if name in must:
                yield f"{path} is new and must be there"
            continue
        elif name in must:
            yield f"{path} must be there now"
        if name in had and name in has:
            yield from _walk(had[name], has[name], before, after, path, depth + 1)
    if old.get("additionalProperties", True) is not False and new.get("additionalProperties", True) is False:
        yield f"{at or 'the record'} may hold no other fields now"
    if "items" in new:
        yield from _walk(old.get("items", {}), new["items"], before, after, f"{at}[]", depth + 1)


def _value(old: Mapping[str, Any], new: Mapping[str, Any], at: str) -> Iterator[str]:
    """What is asked of a value itself."""
    named = at or "the record"
    was, now = _types(old), _types(new)
    if now and not was <= now | ({"integer"} if "number" in now else set()):
        yield f"{named} was {' or '.join(sorted(was))} and is {' or '.join(sorted(now))}"
    elif now and not was:
        yield f"{named} was anything and is {' or '.join(sorted(now))}"
    allowed = _values(new)
    if allowed is not None:
        known = _values(old)
        gone = [one for one in known if one not in allowed] if known is not None else None
        if gone is None:
            yield f"{named} is one of a list now"
        elif gone:
            yield f"{named} may not be {', '.join(gone[:5])} any more"
    for word, said in _LEAST.items():
        if word in new and (word not in old or new[word] > old[word]):
            yield f"{named} {said.format(new[word])} now"
    for word, said in _MOST.items():
        if word in new and (word not in old or new[word] < old[word]):
            yield f"{named} {said.format(new[word])} now"
    for word in _FORMS:
        if word in new and new[word] != old.get(word) and new[word] is not False:
            yield f"{named} has another {word} now"
    for word in _BRANCHES:
        if word in new and new[word] != old.get(word):
            yield f"{named} is held against other conditions now ({word})"


def _whole(schema: Any, root: Any) -> dict[str, Any]:
    """The schema with what it refers to put in; $defs are looked through and never told of by themselves."""
    found = dict(schema) if isinstance(schema, Mapping) else {}
    for _ in range(_DEEPEST):
        reference = found.pop("$ref", None)
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        target: Any = root
        for step in reference[2:].split("/"):
            target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, Mapping) else None
        found = {**(target if isinstance(target, Mapping) else {}), **found}
    found.pop("$defs", None)
    return found


def _types(schema: Mapping[str, Any]) -> set[str]:
    told = schema.get("type", ())
    return {told} if isinstance(told, str) else set(told)


def _values(schema: Mapping[str, Any]) -> list[str] | None:
    """The values that are allowed, as JSON; None where the contract lists none."""
    listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return None if listed is None else [json.dumps(one, ensure_ascii=False) for one in listed]
