"""``postroom backup`` and ``postroom restore``: database and vault together, verified."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show


def backup(target: Annotated[Path, typer.Argument(help="Folder, or file ending in .tar.")]) -> None:
    """Write everything needed to restore this installation. It may be in use meanwhile."""
    from postroom.kernel import database
    from postroom.kernel.backup import backup as act
    from postroom.kernel.home import home

    place = home().prepare()
    database.start(place)
    try:
        report = act(place, target)
    finally:
        database.stop(place)
    show.console.print(
        f"{report.path}: {sum(report.rows.values()):,} rows, {report.segments} vault segments,"
        f" {report.bytes / 1e6:.1f} MB in {report.files} files, {report.seconds:.1f} s."
    )
    if report.keys:
        show.console.print(
            f"{report.keys}: the keys of the stored documents. Without it no document of the backup can be read. Keep"
            " the newest one, away from the backup, and destroy older ones: they could still read what was destroyed."
        )


def restore(
    archive: Annotated[Path, typer.Argument(help="What `postroom backup` wrote.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", help="Key file; without it the .keys file beside the backup.")
    ] = None,
) -> None:
    """Restore into an empty POSTROOM_HOME, after every hash of the backup has been checked."""
    from postroom.kernel import database
    from postroom.kernel.backup import restore as act
    from postroom.kernel.home import home

    place = home()
    try:
        report = act(archive, place, keys=keys)
    finally:
        database.stop(place)
    show.console.print(
        f"{report.home}: {sum(report.rows.values()):,} rows, {report.segments} vault segments,"
        f" {report.bytes / 1e6:.1f} MB restored from the state of {report.created_at}, {report.seconds:.1f} s."
    )
    if report.keys:
        show.console.print(f"{report.keys:,} keys of stored documents are back.")
    if report.unreadable:
        show.console.print(
            f"[red]{report.unreadable:,} stored contents cannot be read: their keys were not restored.[/red]"
            " Restore again into an empty folder with --keys and the newest .keys file; what was destroyed since"
            " the backup stays unreadable."
        )
    show.console.print("Check it: postroom ledger verify && postroom vault verify")
