"""The caged side: lock, import the bench, answer jobs. Started as ``python -I -m postroom.cage.cell FD PARENT``.

A fresh process by exec, not a fork: it holds nothing of its keeper, no key, connection or thread (ADR 0002).
Few imports, because each one is paid at every start and after every kill.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Any

from postroom.cage.bench import ALLOWED_PREFIX, Bench, BenchFault
from postroom.cage.frames import Reader, encode
from postroom.cage.locks import lock_in
from postroom.cage.locks.rlimits import grant_cpu


class Line:
    """The pipe to the keeper, blocking. Its end is the end of the cell."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._reader = Reader()

    def receive(self) -> tuple[Any, tuple[bytes, ...]]:
        while (frame := self._reader.take()) is None:
            count = os.readv(self._handle, [self._reader.room()])
            if not count:
                os._exit(0)
            self._reader.came(count)
        return frame

    def send(self, value: Any, blobs: Any = ()) -> None:
        rest = memoryview(encode(value, blobs))
        while rest:
            rest = rest[os.write(self._handle, rest) :]


def load(name: str) -> type[Bench]:
    """The bench class ``module:Class``; only our own modules."""
    module, _, cls = name.partition(":")
    if not module.startswith(ALLOWED_PREFIX) or not cls:
        raise BenchFault("unknown-bench", f"{name!r} is not a bench.", f"Benches live below {ALLOWED_PREFIX}*.")
    bench: type[Bench] = getattr(import_module(module), cls)
    return bench


def main(arguments: list[str]) -> None:
    sys.dont_write_bytecode = True
    line, parent = Line(int(arguments[0])), int(arguments[1])
    first, _ = line.receive()
    level = lock_in(parent=parent, memory=first["memory"], read=first["read"], scratch=first["scratch"])
    budget = float(first["cpu"])
    try:
        bench = load(first["bench"])(first["setup"])
    except BaseException as error:  # whatever the bench's import or start does, say it to the keeper
        line.send({"refused": _fault(error)})
        return
    gc.freeze()  # modules and the bench stay; no collection needs to walk them for each job
    line.send({"ready": level})
    while True:
        job, blobs = line.receive()
        grant_cpu(budget)
        _answer(line, bench, job, blobs)


def _answer(line: Line, bench: Bench, job: Any, blobs: tuple[bytes, ...]) -> None:
    try:
        value, attached = bench.run(job, blobs)
        worn = bool(getattr(bench, "worn", False))
        line.send({"ok": value, "worn": True} if worn else {"ok": value}, attached)
    except BenchFault as error:
        line.send({"fault": _fault(error)})
    except Exception as error:  # a bench's own mistake; MemoryError leaves unknown ruins behind, so the cell goes
        if isinstance(error, MemoryError):
            line.send({"last": _fault(error)})
            os._exit(0)
        line.send({"fault": _fault(error)})
    except BaseException as error:  # a panic of a Rust library, or sys.exit: the state is unknown, so the cell goes
        line.send({"last": _fault(error)})
        os._exit(0)


def _fault(error: BaseException) -> dict[str, str]:
    if isinstance(error, BenchFault):
        return {"code": error.code, "reason": error.reason, "hint": error.hint, "where": error.where}
    if isinstance(error, MemoryError):
        return {"code": "memory", "reason": "", "hint": "", "where": ""}
    text = " ".join(str(error).split())[:300]
    return {"code": "crashed", "reason": f"{type(error).__name__}: {text}", "hint": "", "where": ""}


if __name__ == "__main__":
    main(sys.argv[1:])
