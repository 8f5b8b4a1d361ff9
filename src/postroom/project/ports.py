"""Ports to listen on.

Between choosing a port and the web server's listening on it there is a moment in which nobody listens. What keeps two
programs of ours from choosing the same one in it is a lock of one byte of a file, at the port's number: it lasts until
the process ends, however it ends, and leaves nothing behind.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from functools import cache
from pathlib import Path

from postroom.kernel.errors import Unavailable


class PortTaken(Unavailable):
    """Something else listens on the port."""

    code = "port-taken"
    title = "The port is taken"


def hold_port(host: str, wanted: int) -> socket.socket:
    """A socket that keeps ``wanted`` (0: any) from everybody else until it is closed. Raises PortTaken.

    It listens and answers nobody: a socket that is only bound keeps others away on no system when both allow reuse.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind((host, wanted))
        holder.listen(1)
    except OSError as error:
        holder.close()
        raise PortTaken(
            f"Port {wanted} on {host} cannot be used: {error.strerror}.", hint="Choose another one with --port."
        ) from error
    return holder


def reserve_port(host: str, wanted: int) -> int:
    """``wanted`` if it is free (0: any), from now on kept from every other Postroom of this account until this process
    ends. Raises PortTaken."""
    with hold_reserved(host, wanted) as holder:
        port: int = holder.getsockname()[1]
        return port


def hold_reserved(host: str, wanted: int) -> socket.socket:
    """As ``hold_port``; the port stays reserved when the socket is closed. Raises PortTaken."""
    passed: list[socket.socket] = []  # held while another one is looked for, so that it is not found again
    try:
        while True:
            holder = hold_port(host, wanted)
            port = holder.getsockname()[1]
            if _reserve(port, again=bool(wanted)):
                return holder
            passed.append(holder)
            if wanted:
                raise PortTaken(
                    f"Port {port} on {host} is about to be used by another Postroom.",
                    hint="Choose another one with --port, or wait until it has started.",
                )
    finally:
        for each in passed:
            each.close()


_MINE: set[int] = set()


def _reserve(port: int, *, again: bool) -> bool:
    """Whether the port is ours now. ``again``: also when it was before, since a process asks for its own by number."""
    if port in _MINE:
        return again
    try:
        fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except BlockingIOError:
        return False
    except OSError:
        return True  # no such locks here (a strange file system): as good as it was before there were any
    _MINE.add(port)
    return True


@cache
def _locks() -> int:
    """One open file for the life of the process: closing any descriptor of it would let go of every lock."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    path = folder / f"postroom-ports-{os.geteuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def free_port(host: str, wanted: int) -> int:
    """``wanted`` if it is free (0: any). Raises PortTaken."""
    with hold_port(host, wanted) as holder:
        port: int = holder.getsockname()[1]
        return port
