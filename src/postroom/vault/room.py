"""What is said when a disk has no room left for a working copy of stored bytes."""

from __future__ import annotations

import errno
from pathlib import Path

from postroom.vault.errors import DiskFull


def no_room(error: OSError, folder: Path, what: str, size: int) -> DiskFull | None:
    """The error to raise in place of ``error``; None when that is no full disk (or used up quota)."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return None
    return DiskFull(
        f"There is no room left in {folder} for {what} ({size:,} bytes).",
        hint="Make room there; what is kept is kept, and the work goes on by itself.",
    )
