"""The web server ends with its supervisor: a killed ``postroom serve`` must not leave its port taken.

The process that serves requests is a grandchild of the supervisor, so it watches its parent's parent.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from postroom.project.supervisor import SUPERVISOR


def end_with_supervisor(interval: float = 0.5) -> None:
    """Watch in a thread of its own; does nothing outside a supervisor, or without /proc (macOS)."""
    supervisor = int(os.environ.get(SUPERVISOR) or 0)
    server = os.getppid()
    if supervisor and server != supervisor and _parent(server) == supervisor:
        threading.Thread(target=_watch, args=(server, supervisor, interval), name="leash", daemon=True).start()


def _watch(server: int, supervisor: int, interval: float) -> None:
    while _parent(server) == supervisor:
        time.sleep(interval)
    os.kill(os.getppid(), signal.SIGTERM)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
