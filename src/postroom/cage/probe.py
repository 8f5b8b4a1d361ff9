"""A bench that tries to break out. `level()` and the tests use it: a lock counts when it has held."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from postroom.cage.bench import BenchFault


class ProbeBench:
    """Jobs are ``{"op": name, ..}``; an attempt gives ``"done"`` when it succeeded and ``"refused: .."`` else."""

    def __init__(self, setup: dict[str, Any]) -> None:
        if setup.get("refuse"):
            raise BenchFault("refused", "The probe was asked to refuse.", "Ask for something else.", "setup:1:1")
        self._ops: dict[str, Callable[[dict[str, Any]], Any]] = {
            "echo": lambda job: job.get("value"),
            "nap": lambda job: time.sleep(job["seconds"]),
            "fault": _fault,
            "loop": _loop,
            "memory": _eat,
            "abort": lambda job: os.abort(),
            "exit": lambda job: sys.exit(3),
            "bug": lambda job: job["missing"],
            "connect": lambda job: _attempt(lambda: _connect(job)),
            "read": lambda job: _attempt(lambda: _read(job["path"])),
            "write": lambda job: _attempt(lambda: _write(job["path"])),
            "pair": lambda job: _attempt(lambda: _pair(job["kind"])),
            "fork": lambda job: _attempt(_fork),
            "thread": lambda job: _attempt(_thread),
            "execute": lambda job: _attempt(lambda: os.execv("/bin/sh", ["sh", "-c", "exit 0"])),  # noqa: S606 - an attack
            "kill": lambda job: _attempt(lambda: os.kill(job["pid"], signal.SIGKILL)),
            "environment": lambda job: sorted(os.environ),
            "files": lambda job: [number for number in range(256) if _is_open(number)],
        }

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Any, Sequence[bytes]]:
        return self._ops[job["op"]](job), blobs


def _attempt(act: Callable[[], object]) -> str:
    try:
        act()
    except (OSError, RuntimeError) as error:
        return f"refused: {error}"
    return "done"


def _fault(job: dict[str, Any]) -> None:
    raise BenchFault("made-up", "A fault was asked for.", "Ask for something else.", "main.typ:3:7")


def _loop(job: dict[str, Any]) -> None:
    while True:
        pass


def _eat(job: dict[str, Any]) -> int:
    hoard = []
    while True:
        hoard.append(bytearray(64 << 20))


def _connect(job: dict[str, Any]) -> None:
    with socket.create_connection((job["host"], job["port"]), timeout=2):
        pass


def _pair(kind: str) -> None:
    for end in socket.socketpair(type=getattr(socket, kind)):
        end.close()


def _read(path: str) -> None:
    with open(path, "rb") as handle:  # noqa: PTH123 - the plain call is what an attacker has
        handle.read(1)


def _write(path: str) -> None:
    with open(path, "wb") as handle:  # noqa: PTH123
        handle.write(b"x")


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _thread() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
