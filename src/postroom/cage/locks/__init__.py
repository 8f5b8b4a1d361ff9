"""The locks of a cell, in the order in which they must be turned.

Order matters: a new user namespace clears the parent-death signal and must come before Landlock closes /proc;
capabilities go after the namespaces that need them; the system call filter comes last because it forbids most of
what the others use. Each lock says what it reached and never fails loudly: what is missing is *reported*, and the
installation's policy (``doctor``, production mode) decides whether that is enough.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from postroom.cage.locks import landlock, namespaces, rlimits, seccomp
from postroom.cage.locks.libc import PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, prctl


def lock_in(*, parent: int, memory: int, read: Sequence[str], scratch: int = 0) -> dict[str, Any]:
    """Lock this process in. Returns the level reached as plain data (see `cage.levels.Level`).

    ``parent``: process id that must be our parent; ``memory``: bytes of address space; ``read``: folders and files
    that stay readable; ``scratch``: bytes that may be written to one file, in this process's own folder only.
    """
    notes: list[str] = []
    rlimits.limit(memory, scratch)
    if sys.platform != "linux":
        rlimits.forbid_processes()
        notes.append(f"{sys.platform} offers no network or file lock for processes; only resource limits hold.")
        return {"network": "none", "files": "none", "processes": "rlimit", "notes": notes}
    _first_for_the_oom_killer()
    namespace = namespaces.isolate(notes)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    files = landlock.restrict(read, notes, write=os.getcwd() if scratch else "")  # noqa: PTH109 - pathlib costs 5 ms
    namespaces.drop_capabilities(notes)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # the keeper died before the signal was set
    filtered = seccomp.install(notes)
    network = "namespace" if namespace else "seccomp" if filtered else "none"
    return {
        "network": network,
        "files": "landlock" if files else "none",
        "processes": "seccomp" if filtered else "none",
        "notes": notes,
    }


def _first_for_the_oom_killer() -> None:
    """When the machine runs out of memory a cell shall go, not the worker or the database."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as handle:  # noqa: PTH123 - pathlib costs 5 ms
            handle.write("500")
    except OSError:
        pass  # no /proc in this container; the limits still hold
