"""The house library: what is put beside every Typst template, and its digest (P5)."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files as package_files

CORE = "postroom.typ"
BLOCK = "postroom-block.typ"
#: Modules a page may import; each brings the core along.
NAMES = (
    CORE,
    BLOCK,
    "postroom-brand.typ",
    "postroom-chart.typ",
    "postroom-letter.typ",
    "postroom-pay.typ",
    "postroom-table.typ",
    "postroom-words.typ",
)


@cache
def library() -> dict[str, bytes]:
    """The files of the library by name."""
    folder = package_files("postroom.composition").joinpath("typst")
    return {name: folder.joinpath(name).read_bytes() for name in NAMES}


@cache
def digest() -> str:
    """SHA-256 (hex) over all its files: a change in any of them may change bytes."""
    total = hashlib.sha256()
    for name, content in library().items():
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()
