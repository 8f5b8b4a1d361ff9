"""What tests of the starter gallery share."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from typing import Any

from postroom.composition import starters
from postroom.composition.pack import TemplatePack, load_folder

KEYS = [one.key for one in starters.starters()]


@cache
def pack_of(key: str) -> TemplatePack:
    """A starter, loaded once for all tests."""
    return load_folder(starters.FOLDER / key)


def spoken(record: Mapping[str, Any], path: str, tag: str) -> dict[str, Any]:
    """The record for a recipient of another language."""
    changed: dict[str, Any] = copy.deepcopy(dict(record))
    here = changed
    *steps, last = path.split(".")
    for step in steps:
        here = here[step]
    here[last] = tag
    return changed
