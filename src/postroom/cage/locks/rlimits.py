"""Resource limits: the lock that every system has (setrlimit, POSIX.1)."""

from __future__ import annotations

import resource
from contextlib import suppress
from time import process_time

OPEN_FILES = 256
THREADS = 64
#: Where the last grant of this process ends.
_granted = 0


def limit(memory: int, scratch: int = 0) -> None:
    """Bound memory (bytes of address space) and open files; no core files (they would hold customers' data on
    disk), and no more than ``scratch`` bytes may be written to any file."""
    for kind, bound in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, scratch),
    ):
        with suppress(ValueError, OSError):  # macOS refuses RLIMIT_AS; a lower hard limit is already tighter
            resource.setrlimit(kind, (bound, bound))


def bound_threads() -> None:
    """Only in a user namespace of our own: elsewhere the kernel counts all processes of the user."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (THREADS, THREADS))


def forbid_processes() -> None:
    """For systems without a system call filter. (On macOS threads are not counted.)"""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def grant_cpu(seconds: float) -> None:
    """Allow this process ``seconds`` of processor time from now on, rounded up; then SIGXCPU ends it.

    The keeper's deadline is the lock; this one holds when the keeper is stopped or its clock stands still.
    """
    global _granted
    soft = int(process_time() + seconds) + 2
    if soft == _granted:  # the system counts whole seconds: many short jobs get the same end
        return
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    _granted = soft
