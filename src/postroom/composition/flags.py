"""Conditions with a name (``flags:`` of template.yaml), and content blocks that are said only where one holds.

They are answered before a page is made, from the record after derivation: a page only asks, in every lane alike, and a
form can change them without touching it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from postroom.composition.conditions import wanted
from postroom.composition.manifest import Manifest
from postroom.composition.shape import Field

#: What they are called in a view: ``flags.late``. A contract with flags has no field of that name.
NAME = "flags"


def flags_of(manifest: Manifest, record: dict[str, Any]) -> dict[str, bool]:
    """Which of them hold for a record."""
    return {name: wanted(record, flag.when) for name, flag in manifest.flags.items()}


def unsaid(manifest: Manifest, record: dict[str, Any]) -> frozenset[str]:
    """Keys of the content blocks that this record's document does not say."""
    return frozenset(key for key, when in manifest.block_conditions.items() if not wanted(record, when))


def with_flags(root: Field, manifest: Manifest) -> Field:
    """The shape of what a page may ask for: the contract's, and the flags."""
    if not manifest.flags:
        return root
    known = dict.fromkeys(manifest.flags, Field("structure", types=frozenset({"boolean"})))
    held = Field("object", types=frozenset({"object"}), fields=known, required=frozenset(known))
    return replace(root, fields={**root.fields, NAME: held}, required=root.required | {NAME})
