"""Build hooks: dependencies come from requirements/base.in, and a wheel that lacks something is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class CustomMetadataHook(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        lines = Path(self.root, "requirements", "base.in").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [line.strip() for line in lines if line.strip() and not line.startswith(("#", "-"))]


class CustomBuildHook(BuildHookInterface[Any]):
    """A published project once shipped empty wheels for four releases; this one cannot."""

    DIST = "src/postroom/web/static/dist"
    #: Made by `make assets`; each pattern has to find a file with something in it.
    MUST_SHIP = (
        f"{DIST}/manifest.json",
        f"{DIST}/icons.json",
        f"{DIST}/pdfjs/cmaps/*.bcmap",
        f"{DIST}/pdfjs/wasm/*",
        f"{DIST}/pdfjs/standard_fonts/*.pfb",
        "src/postroom/composition/fonts/built.json",
        "src/postroom/composition/fonts/PostroomSans-Regular.ttf",
        "src/postroom/composition/standins/built.json",
        "src/postroom/composition/standins/PostroomSansArabic-Regular.ttf",
        "src/postroom/locale/de/LC_MESSAGES/django.mo",
        "src/postroom/locale/de/LC_MESSAGES/said.mo",
    )
    #: Written by people: nothing can make it again.
    WRITTEN = (
        "src/postroom/web/guide/en/*.md",
        "src/postroom/web/guide/en/words.yaml",
        "src/postroom/web/guide/de/*.md",
        "src/postroom/web/guide/de/words.yaml",
        "src/postroom/web/templates/desk/shell.html",
        "src/postroom/demo/templates/*/main.typ",
        "src/postroom/gallery/*/main.typ",
        "src/postroom/gallery/gallery.json",
        "src/postroom/gallery/pictures/*.png",
    )
    #: Ignored by git, and part of the wheel. The stamp of tools/build_assets.py tells about this machine's sources.
    ARTIFACTS = (
        f"/{DIST}/**",
        f"!/{DIST}/.sources",
        "/src/postroom/composition/fonts/*",
        "/src/postroom/composition/standins/*",
        "/src/postroom/locale/*/LC_MESSAGES/*.mo",
    )

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        missing = [*lacking(root, self.MUST_SHIP), *half_built(root / self.DIST)]
        if missing:
            raise RuntimeError(f"Assets are not built ({', '.join(missing)}). Run `make assets` first.")
        lost = lacking(root, self.WRITTEN)
        if lost:
            raise RuntimeError(f"Sources are missing ({', '.join(lost)}). Restore them from the repository first.")
        build_data["artifacts"] += self.ARTIFACTS


def lacking(root: Path, patterns: tuple[str, ...]) -> list[str]:
    """Patterns that find no file, or only empty ones."""
    return [name for name in patterns if not any(found.is_file() and found.stat().st_size for found in root.glob(name))]


def half_built(dist: Path) -> list[str]:
    """Files the manifest names and that are not there: a build was ended, or is running at this moment."""
    manifest = dist / "manifest.json"
    chunks = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
    named = {name for chunk in chunks.values() for name in (chunk["file"], *chunk.get("css", ()))}
    return sorted(f"{dist.name}/{name}" for name in named if not (dist / name).is_file())
