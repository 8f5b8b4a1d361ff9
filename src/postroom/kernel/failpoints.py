"""Named places where a crash would hurt most, so that tests can have one exactly there.

``POSTROOM_FAILPOINT=after-send:3`` kills the process (SIGKILL to itself, no clean-up of any kind) at the third time it
comes by. Without that variable nothing ever happens here.
"""

from __future__ import annotations

import os
import signal
import threading

VARIABLE = "POSTROOM_FAILPOINT"
#: In the order of the flow. ``append`` and ``fsync`` are the vault's, ``commit`` the chunk's, the others the send's.
NAMES = ("after-append", "after-fsync", "before-commit", "after-intent", "after-send")
#: Those of the vault's upkeep: a segment that was put into the store, copied without its dead space, switched over.
UPKEEP = ("after-put", "after-copy", "after-switch")

_name, _, _hits = os.environ.get(VARIABLE, "").partition(":")
_left = int(_hits or 1) if _name else 0
_guard = threading.Lock()


def reach(name: str) -> None:
    """Come by the place ``name``."""
    if not _name or name != _name:
        return
    global _left
    with _guard:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
