"""``postroom template gallery`` and ``postroom template new``: the starters, and a folder of one's own from one.

Neither needs a database: whoever keeps templates in git may have none at hand.
"""

from __future__ import annotations

from pathlib import Path

from postroom.cli import show
from postroom.kernel.errors import Conflict


class FolderTaken(Conflict):
    """The folder holds something already; nothing is ever written over it."""

    code = "folder-taken"
    title = "The folder is not empty"


def show_gallery(as_json: bool) -> None:
    """Every starter, by industry."""
    from postroom.composition.starters import starters

    if as_json:
        show.as_json(
            [
                {
                    "key": one.key,
                    "name": one.name,
                    "industry": one.industry,
                    "summary": one.summary,
                    "languages": list(one.manifest.languages),
                    "promises": list(one.manifest.promises),
                    "samples": one.samples,
                }
                for one in starters()
            ]
        )
        return
    show.as_table(
        ("Key", "Industry", "Languages", "What it is"),
        [(one.key, one.industry, ", ".join(one.manifest.languages), one.summary) for one in starters()],
        empty="The gallery is empty.",
    )


def write_from(starter: str, key: str, folder: Path, name: str) -> None:
    """The starter's files in ``folder``, as a template ``key``. Raises UnknownStarter, BadTemplateKey, FolderTaken."""
    from postroom.composition.starters import files_from

    files = files_from(starter, key, name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTaken(f"{folder} is not an empty folder.", hint="Name a folder that is not there yet.")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    show.console.print(f"{key} is written to {folder}, from the starter {starter}: {len(files)} files.")
    show.console.print(f"Next: change brand.json and words/, then `postroom template push {folder}`.")
