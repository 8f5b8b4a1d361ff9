"""Brands: the tokens a template is dressed in, changed once for all templates that name the brand.

Stored is ``{colours{}, fonts{}, lines{}, bank{}, assets{name: file}}`` with its files; ``composition/brand.py`` reads
and checks them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from postroom.composition import house
from postroom.composition.brand import Brand, read_brand
from postroom.composition.life_models import BRAND, HouseAsset, HouseVersion
from postroom.vault.read import read

#: The groups of tokens, in the order of forms.
GROUPS = ("colours", "fonts", "lines", "bank")


def in_force(key: str, at: dt.datetime | None = None) -> HouseVersion | None:
    """The brand as it is at a moment."""
    return house.in_force(BRAND, key, at)


def known() -> list[str]:
    """Brands there are."""
    return house.keys(BRAND)


def files_of(version: HouseVersion) -> dict[str, bytes]:
    """``brand.json`` and ``brand/*``, as they are put beside a template."""
    return checked(version.part.key, version.part.name, version.content, assets_of(version)).written()


def assets_of(version: HouseVersion) -> dict[str, bytes]:
    """The files of a version, by their bare names."""
    return {row.name: read(row.blob_id) for row in HouseAsset.objects.filter(version=version)}


def checked(key: str, name: str, content: Mapping[str, Any], files: Mapping[str, bytes]) -> Brand:
    """The brand that these tokens and files are. Raises BrandFault with the place."""
    told = {group: content.get(group) or {} for group in (*GROUPS, "assets")}
    return read_brand({"key": key, "name": name, **told}, files)
