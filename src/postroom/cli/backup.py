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
    show.console.print(str(report))


def restore(archive: Annotated[Path, typer.Argument(help="What `postroom backup` wrote.")]) -> None:
    """Restore into an empty POSTROOM_HOME, after every hash of the backup has been checked."""
    from postroom.kernel import database
    from postroom.kernel.backup import restore as act
    from postroom.kernel.home import home

    place = home()
    try:
        report = act(archive, place)
    finally:
        database.stop(place)
    show.console.print(str(report))
