"""A system call filter (seccomp(2), classic BPF): no sockets, no programs, no processes, no reach into others.

Threads are allowed (Typst uses them); a new process is not, so a fork bomb ends at its first fork, for root too.
Refused calls fail with EPERM, so that a library that merely asks gets an answer; `clone3` fails with ENOSYS, which
makes the C library fall back to `clone`, whose flags a filter can see.
"""

from __future__ import annotations

import ctypes
import os
import struct

from postroom.cage.locks.libc import PR_SET_PDEATHSIG, PR_SET_SECCOMP, last_error, libc, machine

_MODE_FILTER = 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AND = 0x54
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCH_AT, _FIRST_ARGUMENT_AT, _SECOND_ARGUMENT_AT = 0, 4, 16, 24
_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD = 0x00010000
_X32_BIT = 0x40000000
_SOCKET_TYPE, _STREAM = 0xF, 1

# name: (x86_64, aarch64); None where the architecture has no such call
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198), "bind": (49, 200), "listen": (50, 201), "connect": (42, 203),
    "accept": (43, 202), "accept4": (288, 242),
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "kcmp": (312, 272),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
    "mount": (165, 40), "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "open_by_handle_at": (304, 265),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "setsid": (112, 157), "setpgid": (109, 154), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
}  # fmt: skip
_GUARDED = {"clone": (56, 220), "clone3": (435, 435), "kill": (62, 129), "tgkill": (234, 131)}
_GUARDED |= {"prctl": (157, 167), "prlimit64": (302, 261), "socketpair": (53, 199)}
_ARCHES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def install(notes: list[str]) -> bool:
    """Filter this thread and all it starts. Needs PR_SET_NO_NEW_PRIVS."""
    if machine() not in _ARCHES:
        notes.append(f"No system call filter for the architecture {machine()}.")
        return False
    column, arch = _ARCHES[machine()]
    code = _program(column, arch, os.getpid())
    instructions = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    if libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), program, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        notes.append(f"No system call filter ({last_error('seccomp').strerror}).")
        return False
    return True


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _program(column: int, arch: int, own: int) -> bytes:
    refuse = _step(_RETURN, _ERRNO | _EPERM)
    allow = _step(_RETURN, _ALLOW)
    steps = [_step(_LOAD, _ARCH_AT), _step(_JUMP_EQUAL, arch, 1, 0), _step(_RETURN, _KILL), _step(_LOAD, _NUMBER_AT)]
    if column == 0:  # the x32 calls of x86_64 are a second set of the same doors
        steps += [_step(_JUMP_AT_LEAST, _X32_BIT, 0, 1), refuse]
    for numbers in _REFUSED.values():
        number = numbers[column]
        if number is not None:
            steps += [_step(_JUMP_EQUAL, number, 0, 1), refuse]
    guarded = {name: numbers[column] for name, numbers in _GUARDED.items()}
    steps += [_step(_JUMP_EQUAL, guarded["clone3"], 0, 1), _step(_RETURN, _ERRNO | _ENOSYS)]
    argument = _step(_LOAD, _FIRST_ARGUMENT_AT)
    steps += _guard(guarded["clone"], [argument, _step(_JUMP_ANY_BIT, _CLONE_THREAD, 0, 1), allow, refuse])
    for name in ("kill", "tgkill"):  # a signal to itself only: abort() must work, killing the keeper must not
        steps += _guard(guarded[name], [argument, _step(_JUMP_EQUAL, own, 0, 1), allow, refuse])
    steps += _guard(guarded["prctl"], [argument, _step(_JUMP_EQUAL, PR_SET_PDEATHSIG, 0, 1), refuse, allow])
    either = [_step(_JUMP_EQUAL, 0, 0, 1), allow, _step(_JUMP_EQUAL, own, 0, 1), allow, refuse]
    steps += _guard(guarded["prlimit64"], [argument, *either])
    # Rust's tokio wakes itself over a pair of streams; a datagram pair could be aimed at any Unix socket's path
    kind = [_step(_LOAD, _SECOND_ARGUMENT_AT), _step(_AND, _SOCKET_TYPE), _step(_JUMP_EQUAL, _STREAM, 0, 1)]
    steps += _guard(guarded["socketpair"], [*kind, allow, refuse])
    return b"".join([*steps, allow])


def _guard(number: int, body: list[bytes]) -> list[bytes]:
    """``body`` decides about the call ``number``; other calls jump over it."""
    return [_step(_JUMP_EQUAL, number, 0, len(body)), *body]
