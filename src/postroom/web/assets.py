"""Which built file stands behind which name: reads Vite's manifest and the shapes of the icons.

Both files are made by ``make assets`` and ship in the wheel; a checkout without them says so in one sentence
instead of serving a page without clothes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from postroom.kernel.errors import NotFound, PostroomError, Unavailable
from postroom.support.health import Finding

DIST = Path(__file__).parent / "static" / "dist"


class AssetsNotBuilt(Unavailable):
    """The desk's CSS and scripts have not been built."""

    code = "assets-not-built"
    title = "The desk's CSS and scripts have not been built"


class UnknownAsset(NotFound):
    """A template asks for a file or an icon the build does not hold."""

    code = "unknown-asset"
    title = "A template asks for an asset that was not built"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the manifest; paths are relative to the static root."""

    file: str
    css: tuple[str, ...]
    imports: tuple[str, ...]


def entry(name: str, *, dist: Path | None = None) -> Entry:
    """The built files of the source ``name`` (``src/desk.ts``). Raises AssetsNotBuilt or UnknownAsset."""
    dist = dist or DIST
    manifest = _read(dist / "manifest.json")
    if name not in manifest:
        raise UnknownAsset(f"The build holds no entry {name!r}.", hint="Add it to frontend/vite.config.ts.")
    found = manifest[name]
    return Entry(
        file=f"dist/{found['file']}",
        css=tuple(f"dist/{path}" for path in found.get("css", ())),
        imports=tuple(f"dist/{manifest[other]['file']}" for other in found.get("imports", ())),
    )


def fonts_to_preload(*, dist: Path | None = None) -> tuple[str, ...]:
    """The two cuts every first screen needs: the sans (variable) and the serif of the headings, Latin."""
    manifest = _read((dist or DIST) / "manifest.json")
    wanted = ("ibm-plex-sans-latin-wdth-normal.woff2", "ibm-plex-serif-latin-500-normal.woff2")
    return tuple(f"dist/{found['file']}" for name, found in manifest.items() if name.endswith(wanted))


def icon_shape(name: str, *, dist: Path | None = None) -> str:
    """The inner markup of one icon (``house``, ``house-fill``). Raises UnknownAsset."""
    shapes = _read((dist or DIST) / "icons.json")
    if name not in shapes:
        raise UnknownAsset(f"There is no icon {name!r} in the build.", hint="Add it to frontend/src/icons.json.")
    return str(shapes[name])


def examined() -> Finding:
    """Whether the desk has its clothes, for the doctor."""
    try:
        entry("src/desk.ts")
    except PostroomError as error:
        return Finding("Desk assets", "wrong", error.message, error.hint)
    return Finding("Desk assets", "ok", "built")


def _read(path: Path) -> dict[str, Any]:
    """The JSON file, read again only when it changed (a running developer's server sees a new build)."""
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise AssetsNotBuilt(f"{path.name} of the desk is missing.", hint="Run `make assets`.") from None
    return _parse(path, changed)


@lru_cache(maxsize=8)
def _parse(path: Path, changed: int) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
