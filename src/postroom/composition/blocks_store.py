"""Content blocks: texts that many templates share, in variants by brand, language, legal entity and date.

``{"variants": [{"language"?, "brand"?, "entity"?, "from"?, "until"?, "body": TREE}, ...]}``. A body may hold
``{"kind": "block", "key": ...}`` in place of a paragraph: another block, whose variant for the same case is put there
when a template is published. Which variant a document gets is told in ``variants``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from postroom.composition import house
from postroom.composition.blocks import BlockFault, fields, read_block
from postroom.composition.errors import BadPart
from postroom.composition.life_models import BLOCK, OPEN, HouseVersion
from postroom.composition.variants import choose, speaks, turns

Tree = list[dict[str, Any]]
_MOST = 200


def in_force(key: str, at: dt.datetime | None = None) -> HouseVersion | None:
    """The block as it is at a moment."""
    return house.in_force(BLOCK, key, at)


def known() -> list[str]:
    """Blocks there are."""
    return house.keys(BLOCK)


def checked(key: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The block's content, tidy. Raises BadPart with every fault; a block that holds itself is one."""
    faults: list[str] = []
    variants = content.get("variants")
    if not isinstance(variants, list) or not 0 < len(variants) <= _MOST:
        raise BadPart(f"A content block has 1 to {_MOST} variants.", hint="Write at least one text.")
    out = []
    for number, variant in enumerate(variants, 1):
        try:
            out.append(_variant(variant))
        except (BadPart, BlockFault) as fault:
            faults.append(f"Variant {number}: {fault.message}")
    seen: dict[tuple[str, ...], int] = {}
    for number, one in enumerate(out, 1):
        case = tuple(str(one.get(name, "")) for name in ("brand", "language", "entity", "from", "until"))
        if case in seen and len(out) == len(variants):
            faults.append(f"Variant {number} is for the same case as variant {seen[case]}.")
        seen.setdefault(case, number)
    loop = circle(key, {"variants": out}) if not faults else []
    if loop:
        faults.append(f"The block would hold itself: {' > '.join(loop)}.")
    if faults:
        raise BadPart(" ".join(faults), hint="Mend what is named and save again.", faults=faults)
    return {"variants": out}


def circle(key: str, content: Mapping[str, Any]) -> list[str]:
    """The way from a block back to itself through blocks it holds; drafts of others count, too."""

    def held(here: str) -> Iterable[str]:
        if here == key:
            return holds(content)
        rows = HouseVersion.objects.filter(part__kind=BLOCK, part__key=here)
        newest = [rows.filter(state__in=OPEN).first(), in_force(here)]
        return {inner for row in newest if row is not None for inner in holds(row.content)}

    def walk(here: str, way: list[str]) -> list[str]:
        for inner in sorted(held(here)):
            if inner == key:
                return [*way, inner]
            if inner not in way and (found := walk(inner, [*way, inner])):
                return found
        return []

    return walk(key, [key])


def holds(content: Mapping[str, Any]) -> list[str]:
    """Keys of the blocks that a block holds itself, each once."""
    found = [node["key"] for one in content["variants"] for node in one["body"] if node.get("kind") == "block"]
    return list(dict.fromkeys(found))


def with_held(named: Iterable[str], at: dt.datetime | None = None) -> list[str]:
    """These blocks and all that they hold, at any depth, as published."""
    found: dict[str, None] = {}
    todo = list(named)
    while todo:
        key = todo.pop()
        if key not in found:
            found[key] = None
            version = in_force(key, at)
            todo += holds(version.content) if version is not None else []
    return list(found)


def fields_of(content: Mapping[str, Any]) -> list[str]:
    """The data fields that its texts show, each once."""
    found = [name for one in content["variants"] for name in fields(_own(one["body"]))]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Case:
    """What a text is chosen for."""

    language: str
    fallback: str = ""
    brand: str = ""
    entity: str = ""


def resolved(version: HouseVersion, case: Case, at: dt.datetime, trial: HouseVersion | None = None) -> Tree | None:
    """The text for a case at a moment, with the blocks it holds put in; None where there is none. ``trial`` stands in
    for its block.

    Raises BadPart where a block that it holds is missing.
    """
    found = _chosen(version, case, at)
    return None if found is None else list(_put_in(found["body"], case, at, (version.part.key,), trial))


def spoken(version: HouseVersion, case: Case, at: dt.datetime) -> bool:
    """Whether the text for a case is in its language, and not what stands in for it."""
    found = _chosen(version, case, at)
    return found is not None and speaks(found, case.language)


def moments(version: HouseVersion, after: dt.datetime) -> set[dt.datetime]:
    """When another text of it will be right: by the dates of its variants, and by its own later versions."""
    days = turns(version.content["variants"], timezone.localdate(after))
    found = {timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in days}
    later = house.published(BLOCK, version.part.key).filter(begins__gt=after)
    return found | set(later.values_list("begins", flat=True))


def _chosen(version: HouseVersion, case: Case, at: dt.datetime) -> Mapping[str, Any] | None:
    return choose(
        version.content["variants"],
        language=case.language,
        fallback=case.fallback,
        brand=case.brand,
        entity=case.entity,
        on=timezone.localdate(at),
    )


def _put_in(
    body: Tree, case: Case, at: dt.datetime, way: Sequence[str], trial: HouseVersion | None
) -> Iterator[dict[str, Any]]:
    for node in body:
        if node.get("kind") != "block":
            yield node
            continue
        tried = trial if trial is not None and trial.part.key == node["key"] else None
        inner = tried or in_force(node["key"], at)
        if inner is None or node["key"] in way:
            told = "which would hold itself" if inner else "which is not published"
            raise BadPart(f"The block {way[0]!r} holds {node['key']!r}, {told}.", hint="Publish that one first.")
        found = _chosen(inner, case, at)
        if found is not None:
            yield from _put_in(found["body"], case, at, (*way, node["key"]), trial)


def _variant(variant: Any) -> dict[str, Any]:
    if not isinstance(variant, Mapping):
        raise BadPart("It is no text with its case.")
    out: dict[str, Any] = {}
    for name in ("brand", "language", "entity", "from", "until"):
        value = str(variant.get(name) or "").strip()
        if value:
            out[name] = value[:60]
    for name in ("from", "until"):
        if name in out:
            try:
                dt.date.fromisoformat(out[name])
            except ValueError as error:
                raise BadPart(f"{out[name]!r} is no day.", hint="Write it as 2026-12-31.") from error
    if out.get("until", "9999") < out.get("from", ""):
        raise BadPart("It ends before it begins.")
    body = variant.get("body")
    if not isinstance(body, list) or not body:
        raise BadPart("There is no text.")
    others = [node for node in body if isinstance(node, dict) and node.get("kind") == "block"]
    for node in others:
        if set(node) != {"kind", "key"} or not isinstance(node["key"], str):
            raise BadPart("A block that is put in is named by its key alone.")
    read_block(_own(body) or [{"kind": "paragraph", "children": [{"kind": "break"}]}])
    out["body"] = body
    return out


def _own(body: Tree) -> Tree:
    return [node for node in body if not (isinstance(node, dict) and node.get("kind") == "block")]
