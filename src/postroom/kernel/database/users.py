"""Who uses the embedded server: every process that started it holds a shared lock until it ends, however it ends."""

from __future__ import annotations

from pathlib import Path

from postroom.kernel.home import Home
from postroom.kernel.locks import FileLock

_attached: dict[Path, FileLock] = {}


def _path(home: Home) -> Path:
    return home.locks / "database.users"


def attach(home: Home) -> None:
    """Count this process as a user of the server. Harmless when it is one already."""
    lock = _attached.setdefault(home.root, FileLock(_path(home)))
    if not lock.held:  # also in a forked child, which lets go of its parent's locks
        lock.acquire(shared=True)


def detach(home: Home) -> FileLock | None:
    """Stop being a user. When nobody else is one, the lock comes back held alone, and nobody can become one."""
    lock = _attached.pop(home.root, None) or FileLock(_path(home))
    return lock if lock.acquire(blocking=False) else None
