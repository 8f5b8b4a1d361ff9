"""Where schedules may take files from: only below the folders the installation opens for it.

Whoever may set up a schedule is not thereby allowed to read every file of the server.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from postroom.kernel.home import home
from postroom.schedules.errors import BadSchedule


def roots() -> tuple[Path, ...]:
    """The folders of ``POSTROOM_WATCH_FOLDERS``; ``inbox`` in the home folder when none is named."""
    named: tuple[str, ...] = settings.CONFIG.watch_folders
    if named:
        return tuple(Path(each).expanduser().absolute() for each in named)
    inbox = home().root / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    return (inbox,)


def placed(path: str) -> Path:
    """The real place of ``path``; a relative one lies below the first root. Raises BadSchedule."""
    open_folders = roots()
    real = (open_folders[0] / path.strip()).resolve()
    if not any(real.is_relative_to(root.resolve()) for root in open_folders):
        raise BadSchedule(
            f"{path!r} is not below a folder that schedules may read.",
            hint=f"Open are: {', '.join(str(root) for root in open_folders)}. An administrator opens others with"
            " POSTROOM_WATCH_FOLDERS.",
            field="path",
        )
    return real
