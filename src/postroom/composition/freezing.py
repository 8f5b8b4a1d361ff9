"""What a template takes from the house is put beside its own files when it is published (ADR 0034).

``blocks/KEY.LANGUAGE.json`` for each content block that template.yaml names, ``brand.json`` and ``brand/*`` for its
brand. So a version holds all a document is made from, and is made again without asking what a block says today (P5). A
template that brings a file of that name itself keeps its own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from postroom.composition import blocks_store, brands, house
from postroom.composition.life_models import BLOCK, BRAND, HouseVersion
from postroom.composition.manifest import FILE
from postroom.composition.pack import TemplatePack
from postroom.composition.problems import Problem, TemplateFaults, suggestion
from postroom.kernel import registry

Uses = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Frozen:
    """All files of a version, and which of them are whose: name -> ``{"kind", "key", "no"}``."""

    files: dict[str, bytes]
    uses: Uses = field(default_factory=dict)


def freeze(own: Mapping[str, bytes], at: dt.datetime, trial: HouseVersion | None = None) -> Frozen:
    """The files with what they take from the house as it is in force ``at``; ``trial`` stands in for its part.

    Raises TemplateFaults where a block or brand that is named does not exist.
    """
    files, uses = dict(own), Uses()
    named = _named(own)
    problems: list[Problem] = []
    held = trial if trial is not None and trial.part.kind == BLOCK else None
    brand = named.brand
    if brand and "brand.json" not in own:
        found = _trial_or(trial, BRAND, brand) or brands.in_force(brand, at)
        if found is None:
            hint = suggestion(brand, brands.known()) if brands.known() else "Set it up under Templates > Brands."
            problems.append(Problem(FILE, named.line("brand"), f"There is no brand {brand!r}.", hint))
        else:
            for name, content in brands.files_of(found).items():
                files[name] = content
                uses[name] = {"kind": BRAND, "key": brand, "no": found.no or 0}
    for key in named.blocks:
        missing = [tag for tag in named.languages if f"blocks/{key}.{tag}.json" not in own]
        if not missing:
            continue
        found = _trial_or(trial, BLOCK, key) or blocks_store.in_force(key, at)
        if found is None:
            known = blocks_store.known()
            hint = suggestion(key, known) if known else "Write it under Templates > Content blocks."
            problems.append(Problem(FILE, named.line("blocks"), f"There is no content block {key!r}.", hint))
            continue
        for tag in missing:
            tree = blocks_store.resolved(found, named.case(tag), at, held)
            if not tree:
                what = f"The content block {key!r} has no text for {tag} on {at:%d %b %Y}."
                problems.append(Problem(FILE, named.line("blocks"), what, "Add a variant that is right then."))
                continue
            name = f"blocks/{key}.{tag}.json"
            files[name] = json.dumps(tree, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
            uses[name] = {"kind": BLOCK, "key": key, "no": found.no or 0}
    if problems:
        raise TemplateFaults(problems)
    return Frozen(dict(sorted(files.items())), uses)


def moments(own: Mapping[str, bytes], after: dt.datetime) -> list[dt.datetime]:
    """When the house will say something else to this template, in order: each of these is a version of its own."""
    named, found = _named(own), set[dt.datetime]()
    if named.brand and "brand.json" not in own:
        later = house.published(BRAND, named.brand).filter(begins__gt=after)
        found |= set(later.values_list("begins", flat=True))
    for key in blocks_store.with_held(named.blocks, after):
        version = blocks_store.in_force(key, after)
        if version is not None:
            found |= blocks_store.moments(version, after)
    return sorted(found)


def unkept_promises(loaded: TemplatePack) -> list[Problem]:
    """Promises of a template that its lane cannot keep."""
    renderer = registry.provider("renderers", loaded.manifest.lane)
    hint = f"It promises: {', '.join(sorted(renderer.promises))}."
    return [
        Problem(FILE, 0, f"The lane {loaded.manifest.lane} cannot keep the promise {promise!r}.", hint)
        for promise in sorted(set(loaded.manifest.promises) - set(renderer.promises))
    ]


@dataclass(frozen=True, slots=True)
class Named:
    """What template.yaml names of the house, read leniently: a broken file is told of when it is checked."""

    brand: str = ""
    blocks: tuple[str, ...] = ()
    text: str = ""
    languages: tuple[str, ...] = ()
    entity: str = ""

    def case(self, language: str) -> blocks_store.Case:
        """What its texts are chosen for."""
        return blocks_store.Case(language, self.languages[0], self.brand, self.entity)

    def line(self, key: str) -> int:
        """Where the key stands."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.startswith(f"{key}:"):
                return number
        return 0


def named_in(own: Mapping[str, bytes]) -> Named:
    """The brand and the content blocks a template names."""
    return _named(own)


def _named(own: Mapping[str, bytes]) -> Named:
    try:
        text = own.get(FILE, b"").decode("utf-8")
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (makes text, lists and mappings only)
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return Named()
    if not isinstance(values, dict):
        return Named(text=text)
    return Named(
        brand=_text(values.get("brand")),
        blocks=_block_keys(values.get("blocks")),
        text=text,
        languages=_texts(values.get("languages")),
        entity=_text(values.get("entity")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _block_keys(value: object) -> tuple[str, ...]:
    """Keys of content blocks; one with a condition is a mapping (``{key: sepa, when: ..}``)."""
    listed = value if isinstance(value, list) else []
    return _texts([one.get("key") if isinstance(one, dict) else one for one in listed])


def _trial_or(trial: HouseVersion | None, kind: str, key: str) -> HouseVersion | None:
    return trial if trial is not None and (trial.part.kind, trial.part.key) == (kind, key) else None
