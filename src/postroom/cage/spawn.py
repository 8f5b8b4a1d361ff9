"""Starting a cell's process.

The kernel sends the parent-death signal when the *thread* that started a process ends (prctl(2)). So one thread of
our own, which lives as long as the process, starts all cells; a worker thread that ends takes no cell with it.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Future

_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # without these a Python may not find its own shared library

#: How an engine in a cell uses the machine. Each arena takes 64 MiB of the address space that RLIMIT_AS counts; cells
#: are many, and each takes few threads. (One of either, and huge pages, were tried: docs/performance.md.)
ALLOTTED = {"MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2"}

_lock = threading.Lock()
_orders: queue.SimpleQueue[tuple[list[str], int, str, Future[subprocess.Popen[bytes]]]] | None = None


def start(command: list[str], channel: int, folder: str) -> subprocess.Popen[bytes]:
    """Start ``command`` with the file descriptor ``channel``, a clean environment and ``folder`` as its place."""
    global _orders
    answer: Future[subprocess.Popen[bytes]] = Future()
    with _lock:
        if _orders is None:
            _orders = queue.SimpleQueue()
            threading.Thread(target=_work, args=(_orders,), name="cage-starter", daemon=True).start()
        _orders.put((command, channel, folder, answer))
    return answer.result()


def _work(orders: queue.SimpleQueue[tuple[list[str], int, str, Future[subprocess.Popen[bytes]]]]) -> None:
    while True:
        command, channel, folder, answer = orders.get()
        try:
            answer.set_result(_start(command, channel, folder))
        except OSError as error:
            answer.set_exception(error)


def _start(command: list[str], channel: int, folder: str) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {
        "PATH": "/usr/bin:/bin",
        "HOME": folder,
        "TMPDIR": folder,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        **ALLOTTED,
    }
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        bufsize=0,
        close_fds=True,
        pass_fds=(channel,),
        cwd=folder,
        env=environment,
        start_new_session=True,
    )


def python() -> list[str]:
    """This interpreter, isolated: no user folder, no PYTHON* variables, nothing written."""
    return [sys.executable, "-I", "-B"]


def _forget_after_fork() -> None:
    """A forked child has no starter thread; it makes its own when it needs one."""
    global _orders, _lock
    _orders, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_after_fork)
