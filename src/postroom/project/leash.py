"""The web server ends with its supervisor: a killed ``postroom serve`` must not leave its port taken.

The process that serves requests is a grandchild of the supervisor, so it watches its parent's parent.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

from postroom.project.supervisor import SUPERVISOR

#: Seconds a server has to end by itself, with the requests it serves.
_PATIENCE = 10.0


def end_with_supervisor(interval: float = 0.5) -> None:
    """Watch in a thread of its own; does nothing outside a supervisor, or without /proc (macOS).

    Whoever was killed before this began, the supervisor or the server between us, is missed too.
    """
    supervisor = int(os.environ.get(SUPERVISOR) or 0)
    made_by = multiprocessing.parent_process()
    server = made_by.pid if made_by and made_by.pid else os.getppid()
    if not supervisor or server == supervisor or not Path("/proc/self").exists():
        return
    left_alone = os.getppid() != server or not Path(f"/proc/{supervisor}").exists()
    if left_alone or _parent(server) == supervisor:
        threading.Thread(target=_watch, args=(server, supervisor, interval), name="leash", daemon=True).start()


def _watch(server: int, supervisor: int, interval: float) -> None:
    while os.getppid() == server and _parent(server) == supervisor:
        time.sleep(interval)
    # Asked once is not enough: a server that has just begun forgets a signal that comes too early.
    end = time.monotonic() + _PATIENCE
    while os.getppid() == server > 1 and time.monotonic() < end:
        os.kill(server, signal.SIGTERM)
        time.sleep(interval)
    if os.getppid() == server > 1:
        os.kill(server, signal.SIGKILL)
    os._exit(0)  # the server has gone without us; whoever is our parent now is a stranger


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
