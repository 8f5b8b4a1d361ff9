"""A network of one's own, with nothing in it (namespaces(7), user_namespaces(7))."""

from __future__ import annotations

import ctypes
import os

from postroom.cage.locks import rlimits
from postroom.cage.locks.libc import last_error, libc

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
CLONE_NEWIPC = 0x08000000
_CAPABILITY_VERSION_3 = 0x20080522


def isolate(notes: list[str]) -> bool:
    """Move into a fresh user, network and IPC namespace. False (and a note) where the kernel forbids it."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) != 0:
        notes.append(f"No network namespace ({last_error('unshare').strerror}); the system call filter is used.")
        return False
    for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        try:
            with open(f"/proc/self/{name}", "w", encoding="ascii") as handle:  # noqa: PTH123 - pathlib costs 5 ms
                handle.write(line)
        except OSError as error:
            notes.append(f"The user map of the namespace is empty ({error.strerror} at {name}); harmless.")
            break
    rlimits.bound_threads()
    return True


def drop_capabilities(notes: list[str]) -> None:
    """Give up what root, or the maker of a namespace, may do beyond its own files (capset(2))."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if libc.capset(header, nothing) != 0:
        notes.append(f"Capabilities could not be dropped ({last_error('capset').strerror}).")
