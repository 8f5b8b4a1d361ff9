"""Only named folders can be read and nothing outside one can be written (landlock(7), Linux 5.13 and later)."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable, Sequence

from postroom.cage.locks.libc import last_error, libc

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_RULE_PATH_BENEATH = 1
_GET_VERSION = 1

_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
#: Write and remove files and folders, make plain ones: no links, devices, sockets or pipes.
_WRITE = (1 << 1) | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 8)
_ALL_V1 = (1 << 13) - 1
_REFER_V2 = 1 << 13
_TRUNCATE_V3 = 1 << 14
_IOCTL_DEV_V5 = 1 << 15
_BIND_CONNECT_TCP_V4 = 0b11
_SCOPE_SOCKETS_AND_SIGNALS_V6 = 0b11

#: Shared libraries, the clock's zones and random numbers; nothing there is secret.
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/usr/share/zoneinfo",
    "/dev/null",
    "/dev/urandom",
    "/proc/self/maps",  # where a Rust library looks how deep its stack may grow
)


def restrict(read: Sequence[str], notes: list[str], write: str = "") -> bool:
    """Close the file system but for Python itself, the system's libraries and ``read``; only the folder ``write`` can
    be written to, when there is one."""
    abi = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_GET_VERSION))
    if abi < 1:
        notes.append(f"No Landlock in this kernel ({last_error('landlock').strerror}); files the user owns are open.")
        return False
    ruleset = _ruleset(abi)
    if ruleset < 0:
        notes.append(f"Landlock refused its rules ({last_error('landlock_create_ruleset').strerror}).")
        return False
    try:
        for path in dict.fromkeys((*_SYSTEM, *_python(), *read)):
            _allow(ruleset, path, notes)
        if write:
            _allow(ruleset, write, notes, _WRITE | (_TRUNCATE_V3 if abi >= 3 else 0))
        if libc.syscall(_RESTRICT, ruleset, ctypes.c_uint32(0)) != 0:
            notes.append(f"Landlock could not be locked ({last_error('landlock_restrict_self').strerror}).")
            return False
    finally:
        os.close(ruleset)
    return True


def _ruleset(abi: int) -> int:
    """Everything this kernel can refuse is refused unless a rule allows it."""
    files = _ALL_V1
    files |= _REFER_V2 if abi >= 2 else 0
    files |= _TRUNCATE_V3 if abi >= 3 else 0
    files |= _IOCTL_DEV_V5 if abi >= 5 else 0
    fields = [files]
    if abi >= 4:
        fields.append(_BIND_CONNECT_TCP_V4)
    if abi >= 6:
        fields.append(_SCOPE_SOCKETS_AND_SIGNALS_V6)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    return int(libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)))


def _python() -> Iterable[str]:
    """Where this Python finds its modules, and its installation's shared libraries."""
    yield from (path for path in sys.path if os.path.isabs(path))  # noqa: PTH117 - pathlib costs 5 ms
    yield from (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield sys.base_prefix + "/lib"


def _allow(ruleset: int, path: str, notes: list[str], more: int = 0) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there cannot be read either
    try:
        folder = os.path.isdir(path)  # noqa: PTH112 - pathlib costs 5 ms
        rights = _READ_FILE | (_READ_DIR if folder else 0) | more
        rule = struct.pack("=Qi", rights, handle)
        if libc.syscall(_ADD, ruleset, _RULE_PATH_BENEATH, rule, ctypes.c_uint32(0)) != 0:
            notes.append(f"Landlock refused a rule for {path} ({last_error('landlock_add_rule').strerror}).")
    finally:
        os.close(handle)
