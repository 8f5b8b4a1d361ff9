"""Where things are used: content blocks, brands, images, data fields; and what a change would break.

Modules above this one know uses of their own (schedules and their mappings): they register (ARCHITECTURE.md, rule 3).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from postroom.composition import blocks_store, contract_changes, freezing
from postroom.composition.life_models import BLOCK, BRAND, OPEN, Draft, HouseVersion
from postroom.composition.models import Template, TemplateVersion
from postroom.composition.queries import files_of, newest_number, sources_of


@dataclass(frozen=True, slots=True)
class Use:
    """One place. ``kind``: template, draft, block, or what a module registered (schedule); ``key`` names it; ``file``
    and ``line`` where in a template; ``told`` what would break, empty when nothing would."""

    kind: str
    key: str
    name: str
    file: str = ""
    line: int = 0
    told: str = ""


Asker = Callable[[str, Mapping[str, Any]], Iterable[Use]]
_ASKERS: dict[str, Asker] = {}


def register(name: str, asker: Asker) -> None:
    """Let ``asker`` tell what it uses of a template: it is given the template's key and a data contract, and says in
    ``told`` what would not work with that contract. Registering again replaces."""
    _ASKERS[name] = asker


def impact(template_key: str, contract: Mapping[str, Any]) -> list[Use]:
    """Everything outside of composition that uses the template, with what ``contract`` would break of it."""
    return [use for asker in _ASKERS.values() for use in asker(template_key, contract)]


def of_part(kind: str, key: str) -> list[Use]:
    """Templates in their newest version, drafts, and blocks that use a content block or a brand."""
    found: list[Use] = []
    for version, own in _newest():
        named = freezing.named_in(own)
        if _names(named, kind, key):
            line = named.line("brand" if kind == BRAND else "blocks")
            found.append(Use("template", version.template_id, version.template.name, "template.yaml", line))
    for draft, own in _drafts():
        named = freezing.named_in(own)
        if _names(named, kind, key):
            line = named.line("brand" if kind == BRAND else "blocks")
            found.append(Use("draft", draft.template_key, draft.name, "template.yaml", line))
    if kind == BLOCK:
        found += [Use("block", *who) for who in _blocks_where(lambda content: key in blocks_store.holds(content))]
    return found


def templates_of(kind: str, key: str) -> list[str]:
    """Keys of the templates whose newest version gets a part's content, through other blocks, too."""
    hold = {key} | ({outer for outer in blocks_store.known() if key in blocks_store.with_held([outer])})
    found = []
    for version, own in _newest():
        named = freezing.named_in(own)
        if (kind == BRAND and named.brand == key) or (kind == BLOCK and hold & set(named.blocks)):
            found.append(version.template_id)
    return found


def of_image(content: bytes) -> list[Use]:
    """Templates that hold the same picture, wherever it stands in them."""
    digest = hashlib.sha256(content).digest()
    return [
        Use("template", version.template_id, version.template.name, name)
        for version in _versions()
        for name, data in files_of(version).items()
        if name.startswith(("assets/", "brand/")) and hashlib.sha256(data).digest() == digest
    ]


def images_of(template_key: str) -> dict[str, list[Use]]:
    """The pictures of a template's newest version, each with the other templates that hold the same one."""
    newest = newest_number(template_key)
    files = files_of(newest) if newest is not None else {}
    return {
        name: [use for use in of_image(content) if use.key != template_key]
        for name, content in files.items()
        if name.startswith(("assets/", "brand/"))
    }


def of_field(template_key: str, path: str) -> list[Use]:
    """Lines of a template's newest version, and content blocks it gets, that name a data field; what others use."""
    newest = newest_number(template_key)
    if newest is None:
        return []
    name = newest.template.name
    found = [
        Use("template", template_key, name, file, number)
        for file, content in files_of(newest).items()
        if not file.startswith(("samples/", "assets/", "brand/")) and file != "contract.json"
        for number in _lines_naming(content, path)
    ]
    named = freezing.named_in(sources_of(newest)).blocks
    held = set(blocks_store.with_held(named))
    found += [
        Use("block", *who)
        for who in _blocks_where(lambda content: path in blocks_store.fields_of(content))
        if who[0] in held
    ]
    return found


def fields_of(template_key: str) -> list[str]:
    """The data fields of a template's newest version."""
    newest = newest_number(template_key)
    return contract_changes.paths(newest.contract) if newest is not None else []


def _names(named: freezing.Named, kind: str, key: str) -> bool:
    return named.brand == key if kind == BRAND else key in named.blocks


def _versions() -> Iterator[TemplateVersion]:
    for key in Template.objects.order_by("key").values_list("key", flat=True):
        newest = newest_number(key)
        if newest is not None:
            yield newest


def _newest() -> Iterator[tuple[TemplateVersion, dict[str, bytes]]]:
    for version in _versions():
        yield version, sources_of(version)


def _drafts() -> Iterator[tuple[Draft, dict[str, bytes]]]:
    from postroom.composition import drafts  # which asks where things are used before it publishes

    for draft in Draft.objects.select_related("base").filter(state__in=OPEN).order_by("template_key"):
        yield draft, drafts.files(draft)


def _blocks_where(fits: Callable[[Mapping[str, Any]], bool]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for key in blocks_store.known():
        version = blocks_store.in_force(key)
        if version is not None and fits(version.content):
            found[key] = version.part.name
    for change in HouseVersion.objects.select_related("part").filter(part__kind=BLOCK, state__in=OPEN):
        if fits(change.content):
            found[change.part.key] = change.part.name
    return sorted(found.items())


def _lines_naming(content: bytes, path: str) -> list[int]:
    """Lines where the field stands as a whole word, by its dotted path or, of a row, by the last of its names."""
    names = {path.replace("[]", ""), path.rpartition("[].")[2]}
    wanted = re.compile(r"(?<![\w.-])(?:" + "|".join(map(re.escape, sorted(names))) + r")(?![\w-])")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return []
    return [number for number, line in enumerate(text.splitlines(), 1) if wanted.search(line)]
