"""The running server: found, asked, started and stopped, whatever state the last crash left behind.

Two things say who lives. The postmaster is the process named in ``postmaster.pid`` if it works in our data
folder (a number alone may be reused, in a container after every restart). And every process of the server
inherits a lock on ``database.server``: only when that lock is free is nobody of the old server left, orphaned
backends and other containers on the same folder included, and only then may stale files be removed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg

from postroom.kernel.database.account import Account, Say
from postroom.kernel.database.cluster import NAME, configure, data_folder, log_folder
from postroom.kernel.database.errors import DatabaseFailed
from postroom.kernel.database.providers import Provider
from postroom.kernel.database.sockets import PORT, is_private, socket_file, socket_folder
from postroom.kernel.home import Home
from postroom.kernel.locks import FileLock

State = Literal["ready", "busy", "unreachable"]

_START_SECONDS = 600
"""Crash recovery of a long write-ahead log takes minutes; giving up early would only disturb it."""
_STOP_SECONDS = 60
_ORPHAN_SECONDS = 10
_REACH_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Server:
    """A living postmaster."""

    pid: int
    owner: int
    sockets: Path | None
    """None for the moment between its birth and its socket."""

    @property
    def url(self) -> str:
        """libpq URL of our database on it."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets))}&port={PORT}"

    @property
    def has_socket(self) -> bool:
        """Whether its socket is there, in a folder that only its owner can enter."""
        return bool(self.sockets and is_private(self.sockets, self.owner) and socket_file(self.sockets).exists())

    def state(self) -> State:
        """``ready``: takes (or would take) connections; ``busy``: starting, recovering, stopping; or unreachable."""
        if self.sockets is None:
            return "busy"
        if not self.has_socket:
            return "unreachable"
        try:
            psycopg.connect(self.url, connect_timeout=10).close()
        except psycopg.OperationalError as error:
            words = str(error)
            if "too many clients" in words or "connection slots are reserved" in words:
                return "ready"
            return "busy" if "the database system is" in words else "unreachable"
        return "ready"


def running(home: Home) -> Server | None:
    """The postmaster of this home if it lives, else None. Looks only; changes nothing."""
    data = data_folder(home)
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        pid, owner = int(lines[0]), data.stat().st_uid
    except (OSError, ValueError, IndexError):
        return None
    if not works_in(pid, data):
        return None
    return Server(pid, owner, Path(lines[4].strip()) if len(lines) > 4 and lines[4].strip() else None)


def works_in(pid: int, data: Path) -> bool:
    """Whether the process lives and is a PostgreSQL of this data folder (all of them change into it)."""
    if Path("/proc/self/cwd").exists():
        try:
            place = Path(f"/proc/{pid}")
            return (place / "cwd").samefile(data) and (place / "comm").read_text().strip().startswith("postgres")
        except OSError:  # gone, a zombie, or not ours to look at
            return False
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "postgres" in said.stdout and str(data) in said.stdout


def attach(home: Home, say: Say, *, patience: float = _REACH_SECONDS) -> Server | None:
    """Wait until a living server is ready and return it; None when none lives (any more).

    One whose socket is gone for good (a cleaned runtime folder) can never be reached again, and is stopped
    after ``patience`` seconds.
    """
    began = time.monotonic()
    reached = began
    told = False
    while server := running(home):
        state = server.state()
        if state == "ready":
            return server
        now = time.monotonic()
        if state == "busy":
            reached = now
        elif now - reached > (patience if server.has_socket else min(patience, 0.5)):
            say(f"The database server (pid {server.pid}) cannot be reached in {server.sockets}; it is restarted.")
            stop_server(home, server, say)
            return None
        if now - began > 5 and not told:
            say(f"The database in {data_folder(home)} is starting or recovering; waiting for it.")
            told = True
        if now - began > _START_SECONDS:
            raise DatabaseFailed(
                f"The database in {data_folder(home)} is not ready after {_START_SECONDS} seconds.",
                hint=f"See the newest file in {log_folder(home)}.",
            )
        time.sleep(0.02)
    return None


def start_server(home: Home, provider: Provider, account: Account, say: Say) -> Server:
    """Start the server on a complete data folder on which nobody works. Raises DatabaseFailed."""
    data = data_folder(home)
    with FileLock(home.locks / "database.server") as alive:
        _wait_for_orphans(home, alive, say)
        sockets = socket_folder(home, account, say)
        configure(home, account, sockets)
        for stale in (data / "postmaster.pid", socket_file(sockets), Path(f"{socket_file(sockets)}.lock")):
            stale.unlink(missing_ok=True)
        log = log_folder(home) / "startup.log"
        log.unlink(missing_ok=True)
        began = time.time()
        done = account.run(
            [provider.program("pg_ctl"), "start", "-D", str(data), "-l", str(log), "-w", "-t", str(_START_SECONDS)],
            inherit=(alive.fileno(),),
            timeout=_START_SECONDS + 30,
        )
    server = attach(home, say) if done.returncode == 0 else None
    if server is None:
        raise DatabaseFailed(
            f"PostgreSQL {provider.version} does not start on {data}: {_reasons(home, log, began, done.stderr)}",
            hint=f"See {log_folder(home)}; put right what it names and start again.",
        )
    return server


def stop_server(home: Home, server: Server, say: Say) -> None:
    """Stop the server: open sessions are ended and rolled back, everything committed is kept.

    By signals (server shutdown modes "fast" and "immediate"), so that stopping needs no program of the provider.
    """
    for number, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, _ORPHAN_SECONDS)):
        if number == signal.SIGQUIT:
            say(f"The database did not stop in {_STOP_SECONDS} seconds and is cut off; the next start recovers it.")
        try:
            os.kill(server.pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not works_in(server.pid, data_folder(home)):
                return
            time.sleep(0.02)
    raise DatabaseFailed(
        f"The database server (pid {server.pid}) in {data_folder(home)} cannot be stopped.",
        hint=f"See {log_folder(home)}.",
    )


def _wait_for_orphans(home: Home, alive: FileLock, say: Say) -> None:
    """Take the server lock. Backends that outlive their killed postmaster are ended after a while.

    Without a postmaster nothing of what they still do counts: the next start recovers from the log.
    """
    if alive.acquire(timeout=_ORPHAN_SECONDS):
        return
    data = data_folder(home)
    orphans = [int(place.name) for place in Path("/proc").glob("[0-9]*") if works_in(int(place.name), data)]
    for pid in orphans:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if orphans:
        say(f"Ended {len(orphans)} processes that a killed database server had left behind.")
    if not alive.acquire(timeout=_ORPHAN_SECONDS if orphans else 0):
        raise DatabaseFailed(
            f"Another database server works on {data}, perhaps in another container or as another user.",
            hint="Stop it first: two servers on one data folder would destroy it.",
        )


def _reasons(home: Home, log: Path, began: float, said: str) -> str:
    """PostgreSQL's own words about this start: its last FATAL or PANIC and the line before, which often names it."""
    for place in (log, *sorted(log_folder(home).glob("postgresql-*.log"), reverse=True)):
        try:
            if place.stat().st_mtime < began - 1:
                continue
            lines = place.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for number in reversed(range(len(lines))):
            if "FATAL" in lines[number] or "PANIC" in lines[number]:
                return " ".join(lines[max(0, number - 1) : number + 1])
    return said.strip() or "it said nothing"
