"""Build hooks: dependencies come from requirements/base.in, and a wheel without built assets is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class CustomMetadataHook(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        lines = Path(self.root, "requirements", "base.in").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [line.strip() for line in lines if line.strip() and not line.startswith(("#", "-"))]


class CustomBuildHook(BuildHookInterface):
    """A published project once shipped empty wheels for four releases; this one cannot."""

    MUST_SHIP = (
        "src/postroom/web/static/dist/manifest.json",
        "src/postroom/composition/fonts/built.json",
        "src/postroom/locale/de/LC_MESSAGES/django.mo",
        "src/postroom/locale/de/LC_MESSAGES/said.mo",
    )

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        missing = [name for name in self.MUST_SHIP if not Path(self.root, name).is_file()]
        if missing:
            raise RuntimeError(f"Assets are not built ({', '.join(missing)}). Run `make assets` first.")
        build_data["artifacts"] += [
            "src/postroom/web/static/dist",
            "src/postroom/composition/fonts",
            "src/postroom/locale/*/LC_MESSAGES/*.mo",
        ]
