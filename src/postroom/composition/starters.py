"""The starter gallery: ready templates to begin from, plain folders of the package (``src/postroom/gallery``).

A starter is a template like any other and is checked like any other. It is never published as it is: somebody begins
a template of their own from it, under a key of their own, and that is a copy nobody's update will change.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from postroom.composition.manifest import FILE, Manifest, read_manifest
from postroom.composition.pack import read_folder
from postroom.composition.problems import suggestion
from postroom.kernel.errors import BadInput, NotFound

FOLDER = Path(__file__).parents[1] / "gallery"
PICTURES = "pictures"
_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")
#: The desk has pages of its own under these words.
_TAKEN = frozenset({"drafts", "house", "starters"})


class UnknownStarter(NotFound):
    """The gallery has no such starter."""

    code = "unknown-starter"
    title = "There is no such starter"


class BadTemplateKey(BadInput):
    """No template can be called that."""

    code = "bad-template-key"
    title = "The key cannot be used"


@dataclass(frozen=True, slots=True)
class Starter:
    """One starter. ``industry`` is a word of ``gallery.json``, ``name`` and ``summary`` are English sentences."""

    key: str
    industry: str
    summary: str
    manifest: Manifest
    samples: int

    @property
    def name(self) -> str:
        """What it is, for people."""
        return self.manifest.name


@cache
def starters() -> tuple[Starter, ...]:
    """Every starter, by industry, in the order of ``gallery.json``."""
    index = json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8"))
    return tuple(
        Starter(
            key=one["key"],
            industry=group["industry"],
            summary=one["summary"],
            manifest=read_manifest((FOLDER / one["key"] / FILE).read_bytes())[0],
            samples=len(list((FOLDER / one["key"] / "samples").glob("*.json"))),
        )
        for group in index
        for one in group["starters"]
    )


def starter(key: str) -> Starter:
    """The starter of that key. Raises UnknownStarter with a suggestion."""
    found = next((one for one in starters() if one.key == key), None)
    if found is None:
        near = suggestion(key, [one.key for one in starters()])
        raise UnknownStarter(f"There is no starter {key!r}.", hint=near or "See `postroom template gallery`.")
    return found


def picture_of(key: str) -> Path:
    """The file with the picture of its first page (PNG). Raises UnknownStarter."""
    return FOLDER / PICTURES / f"{starter(key).key}.png"


def files_from(key: str, new_key: str, name: str = "") -> dict[str, bytes]:
    """The starter's files as those of a template ``new_key``; without ``name`` the starter's own name stays.

    Raises UnknownStarter, BadTemplateKey.
    """
    found = starter(key)
    if not _KEY.fullmatch(new_key) or new_key in _TAKEN:
        raise BadTemplateKey(
            f"A template cannot be called {new_key!r}.",
            hint="Use small letters, digits and hyphens, at most 60, and begin with a letter; "
            f"{', '.join(sorted(_TAKEN))} are taken.",
        )
    called = " ".join(name.split())[:200] or found.name
    files = read_folder(FOLDER / key)
    text = files[FILE].decode()
    text = re.sub(r"(?m)^key: .*$", f"key: {new_key}", text, count=1)
    # A JSON text is a YAML text; a function, so that a backslash in the name stays one.
    quoted = json.dumps(called, ensure_ascii=False)
    files[FILE] = re.sub(r"(?m)^name: .*$", lambda _: f"name: {quoted}", text, count=1).encode()
    contract = files["contract.json"].decode()
    files["contract.json"] = contract.replace(f"urn:starter:contract:{key}:1", f"urn:contract:{new_key}:1", 1).encode()
    return files
