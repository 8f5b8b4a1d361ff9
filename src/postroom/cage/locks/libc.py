"""The C library's doors that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import platform

PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38

libc = ctypes.CDLL(None, use_errno=True)


def machine() -> str:
    """``x86_64``, ``aarch64`` or what else the kernel calls it."""
    return os.uname().machine or platform.machine()


def prctl(option: int, value: int, pointer: object = 0) -> None:
    """prctl(2); raises OSError."""
    if libc.prctl(option, ctypes.c_ulong(value), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise last_error("prctl")


def last_error(call: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{call}: {os.strerror(number)}")
