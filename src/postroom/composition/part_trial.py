"""What templates would look like with another content block or brand: nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postroom.composition import blocks_store, brands, contract_changes, freezing, house, where_used
from postroom.composition.brand import default_brand
from postroom.composition.life_models import BLOCK, HousePart, HouseVersion
from postroom.composition.models import TemplateVersion
from postroom.composition.queries import files_of, newest_number, sources_of
from postroom.composition.shape import shape
from postroom.kernel import clock
from postroom.kernel.ids import new_id


def trial_of(kind: str, key: str, name: str, content: Mapping[str, Any]) -> HouseVersion:
    """A change as it would be saved. Raises BadPart, BlockFault, BrandFault with the place.

    A brand's pictures are those that are kept: what was not uploaded yet is not seen.
    """
    stored = house.on_its_way(kind, key) or house.in_force(kind, key)
    if kind == BLOCK:
        tidy = blocks_store.checked(key, content)
    else:
        brand = brands.checked(key, name, content, brands.assets_of(stored) if stored is not None else {})
        tidy = {group: value for group, value in brand.tokens.items() if group not in ("key", "name")}
    part = stored.part if stored is not None else HousePart(id=new_id(), kind=kind, key=key, name=name)
    return HouseVersion(id=stored.pk if stored is not None else new_id(), part=part, content=tidy)


def files_with(template_key: str, change: HouseVersion | None) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of a template's newest version as they were published, and with ``change`` in place of its part.

    Raises TemplateFaults where a text that is needed is missing in it.
    """
    version = newest_number(template_key)
    if version is None:
        return {}, {}
    before = files_of(version)
    if change is None:
        return before, before
    return before, freezing.freeze(sources_of(version), clock.now(), change).files


def common_fields(kind: str, key: str) -> list[str]:
    """Data fields that can be shown in a sentence by every template that uses the part, as paths."""
    found: list[set[str]] = []
    for template in where_used.templates_of(kind, key):
        newest = newest_number(template)
        if newest is not None:
            found.append(_sentences(newest))
    return sorted(set.intersection(*found)) if found else []


def languages_of(kind: str, key: str) -> list[str]:
    """Languages of the templates that use the part."""
    found: dict[str, None] = {}
    for template in where_used.templates_of(kind, key):
        newest = newest_number(template)
        if newest is not None:
            found |= dict.fromkeys(freezing.named_in(sources_of(newest)).languages)
    return list(found)


def sample_account(content: Mapping[str, Any]) -> bool:
    """Whether a brand still asks to pay the sample company: nobody's invoice shall do that by accident."""
    theirs = default_brand().tokens["bank"].get("iban", "")
    own = str((content.get("bank") or {}).get("iban") or "")
    return bool(own) and "".join(own.split()) == theirs


def uses_sample_account(files: Mapping[str, bytes]) -> bool:
    """Whether a template that shows a payment would show the sample company's account: it names no brand of the house
    and brings none, and its pages ask for a bank detail."""
    named = freezing.named_in(files)
    if named.brand or "brand.json" in files:
        return False
    pages = (content for name, content in files.items() if name.endswith((".typ", ".html", ".yaml")))
    return any(word in content for content in pages for word in (b"bank.iban", b"kind: epc", b"kind: swiss"))


def _sentences(version: TemplateVersion) -> set[str]:
    root = shape(version.contract)
    fields = {path for path in contract_changes.paths(version.contract) if "[]" not in path}
    return {path for path in fields if (here := root.find(path)) is not None and here.kind == "text"}
