"""Files that were handed in to be looked at and wait to be started: in the scratch folder, for a short time.

They are nobody's custody yet; what is started is taken into the vault by the action. A mark belongs to one person.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from postroom.identity.actor import Actor
from postroom.kernel.home import home

#: Seconds a file waits.
KEPT = 3600
_MARK = re.compile(r"[0-9a-f]{32}")


def hold(actor: Actor, upload: UploadedFile[bytes]) -> str:
    """Write the upload to disk, piece by piece. The mark it is asked for by."""
    folder = _folder()
    _forget_old(folder)
    mark = secrets.token_hex(16)
    path = folder / _name(actor, mark)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for piece in upload.chunks(1 << 20):
            out.write(piece)
    return mark


def held(actor: Actor, mark: str) -> Path | None:
    """The file of a mark; None when it was let go, is too old, or belongs to somebody else."""
    if not _MARK.fullmatch(mark):
        return None
    path = _folder() / _name(actor, mark)
    return path if path.is_file() else None


def let_go(actor: Actor, mark: str) -> None:
    """Remove the file of a mark."""
    path = held(actor, mark)
    if path is not None:
        path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = home().prepare().work / "held"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _name(actor: Actor, mark: str) -> str:
    return f"{actor.name.replace(':', '-')}-{mark}"


def _forget_old(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # somebody else forgot it first
            if path.stat().st_mtime < time.time() - KEPT:
                path.unlink()
