"""Processes of a house: found by whose children they are, told apart by their command lines, ended by their numbers."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from postroom.cage.locks import libc


def _families() -> dict[int, list[int]]:
    """The children of every process that has some."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(place.name))
    return children


def children(pid: int) -> list[int]:
    """Its children, and not theirs."""
    return _families().get(pid, [])


def descendants(pid: int) -> list[int]:
    """Children, their children and so on, children first in the order they were found."""
    families = _families()
    found: list[int] = []
    todo = [pid]
    while todo:
        mine = families.get(todo.pop(), [])
        found += mine
        todo += mine
    return found


def command(pid: int) -> list[str]:
    """The words it was started with; none when it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def serves(pid: int, role: str) -> bool:
    """Whether it is a worker process of that role, or, by its module, the web or the events process."""
    words = command(pid)
    if role == "web":
        return "granian" in words
    if role == "events":
        return "postroom.project.asgi" in words
    return "worker" in words and any(role in word.split(",") for word in words)


def state(pid: int) -> str:
    """As proc(5) has it: ``T`` is frozen (SIGSTOP), ``Z`` has ended and was not waited for; ``X`` when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "X"


def stopped(pid: int) -> bool:
    """Whether it is frozen."""
    return state(pid) == "T"


def alive(pid: int, words: list[str]) -> bool:
    """Whether ``pid`` is still the process that was started with ``words``."""
    return bool(words[0]) and command(pid) == words


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to one that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def end_with_parent() -> None:
    """A test that is itself killed must not leave its servers behind (prctl(2), Linux)."""
    if sys.platform == "linux":
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)


def waiting(seconds: float, every: float = 0.05) -> Iterator[None]:
    """``for _ in waiting(5): ...`` looks again and again, and ends when the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(every)
