"""How well the cage is locked on this machine: tried, not assumed."""

from __future__ import annotations

import socket
import tempfile
from dataclasses import dataclass
from functools import cache
from typing import Literal

from postroom.cage.keeper import Cell


@dataclass(frozen=True, slots=True)
class Level:
    """The locks that held. ``notes`` say in plain words what is missing and why."""

    network: Literal["namespace", "seccomp", "none"]
    files: Literal["landlock", "none"]
    processes: Literal["seccomp", "rlimit", "none"]
    notes: tuple[str, ...] = ()

    @property
    def isolated(self) -> bool:
        """Whether foreign code is kept from the network, which production mode demands (P10)."""
        return self.network != "none"


@cache
def level() -> Level:
    """Start a cell and let it try to get out. About 60 ms, once per process. Raises CellNotStarted."""
    with Cell("probe", {}, deadline=10.0) as cell:
        return attempt(cell)


def attempt(cell: Cell) -> Level:
    """The level that the probe ``cell`` has, with each lock tried."""
    claimed = cell.level
    notes = list(claimed["notes"])
    network, files, processes = claimed["network"], claimed["files"], claimed["processes"]
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.NamedTemporaryFile() as secret:
        jobs = [
            {"op": "connect", "host": "127.0.0.1", "port": server.getsockname()[1]},
            {"op": "read", "path": secret.name},
            {"op": "fork"},
        ]
        connected, read, forked = (cell.call(job).value == "done" for job in jobs)
    if connected and network != "none":
        notes.append(f"The network lock ({network}) did not hold: a cell reached a server on this machine.")
        network = "none"
    if read and files != "none":
        notes.append(f"The file lock ({files}) did not hold: a cell read a file outside its folders.")
        files = "none"
    if forked and processes != "none":
        notes.append(f"The process lock ({processes}) did not hold: a cell started a process.")
        processes = "none"
    return Level(network, files, processes, tuple(notes))
