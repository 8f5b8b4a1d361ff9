"""Named places where a crash would hurt most, so that tests can have one exactly there.

``POSTROOM_FAILPOINT=after-send:3`` kills the process (SIGKILL to itself, no clean-up of any kind) at the third time it
comes by, ``after-send:3:stop`` freezes it there (SIGSTOP). ``POSTROOM_FAILPOINT=@FILE`` is for many deaths of one
house: as soon as FILE exists and holds ``after-send`` or ``after-send:stop``, the first process to come by takes it
away and dies or freezes. Without that variable nothing ever happens here.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

VARIABLE = "POSTROOM_FAILPOINT"
#: In the order of the flow. ``append`` and ``fsync`` are the vault's, ``commit`` the chunk's, the others the send's.
NAMES = ("after-append", "after-fsync", "before-commit", "after-intent", "after-send")
#: Those of the vault's upkeep: a segment that was closed and not sealed yet, put into the store, copied without its
#: dead space, switched over. And the ledger's: a head that was noted outside and is not in the database yet.
UPKEEP = ("after-close", "after-put", "after-copy", "after-switch")
LEDGER = ("after-note",)
#: A piece of a segment that another host asked for, in the store and not said to be there yet.
HANDING_OVER = ("after-piece",)

_spec = os.environ.get(VARIABLE, "")
_armed = Path(_spec[1:]) if _spec.startswith("@") else None
_name, _hits, _way = ([*_spec.split(":"), "", ""] if _spec and not _armed else ["", "", ""])[:3]
_left = int(_hits or 1)
_guard = threading.Lock()


def reach(name: str) -> None:
    """Come by the place ``name``."""
    if not _spec:
        return
    if _armed is not None:
        _reach_armed(name, _armed)
    elif name == _name:
        _count_down()


def _count_down() -> None:
    global _left
    with _guard:
        _left -= 1
        if _left == 0:
            _end(_way)


def _reach_armed(name: str, place: Path) -> None:
    try:
        wanted, _, way = place.read_text("ascii").strip().partition(":")
        if wanted != name:
            return
        place.rename(place.with_suffix(f".{os.getpid()}"))  # of many that come by, one gets it
    except FileNotFoundError:
        return
    _end(way)


def _end(way: str) -> None:
    os.kill(os.getpid(), signal.SIGSTOP if way == "stop" else signal.SIGKILL)
