"""Moving a file to a name nobody has yet, in one step.

``os.rename`` silently replaces what is there. Linux (renameat2, RENAME_NOREPLACE) and macOS (renamex_np,
RENAME_EXCL) can do better; file systems that cannot get a link and an unlink instead.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_RENAME_EXCL = 4
_CANNOT = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


def rename_new(source: Path, target: Path) -> None:
    """Move ``source`` to ``target``. FileExistsError when the name is taken, other OSErrors as they come."""
    call = _system_call()
    if call is not None:
        failed = call(os.fsencode(source), os.fsencode(target))
        if not failed:
            return
        number = ctypes.get_errno()
        if number not in _CANNOT:
            raise OSError(number, os.strerror(number), str(target))
    # Between the two steps a crash leaves two names; the journal's next reader sees the same file under both.
    os.link(source, target)
    source.unlink()


@cache
def _system_call() -> Any:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            exclusive = library.renamex_np
            return lambda source, target: exclusive(source, target, _RENAME_EXCL)
        rename = library.renameat2
        return lambda source, target: rename(_AT_FDCWD, source, _AT_FDCWD, target, _RENAME_NOREPLACE)
    except (OSError, AttributeError):
        return None
