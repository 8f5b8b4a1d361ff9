"""Child processes of one machine: started, watched, started again, stopped by their handle."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from postroom.kernel import database
from postroom.kernel.config import config
from postroom.kernel.home import home
from postroom.kernel.meters import PROCESS
from postroom.project.logs import keep_small

log = logging.getLogger("postroom.supervisor")

#: Tells a child whose child it is, so that it can end when that process is gone, however early.
SUPERVISOR = "POSTROOM_SUPERVISOR"
_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
#: Seconds between two looks at the sizes of the logs.
_LOOK = 20.0


@dataclass(slots=True)
class _Child:
    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    start_at: float = 0.0
    started_at: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Keeps a set of commands running. ``with Supervisor() as s: s.add(...)``."""

    children: list[_Child] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _look_at: float = 0.0

    def add(self, name: str, command: list[str]) -> None:
        self.children.append(_Child(name, command))

    def add_workers(self, render: int | None = None) -> None:
        """One composing worker per core; one that reads, sweeps, and delivers in a lane of its own for each channel."""
        wanted = render or config().render_workers or os.cpu_count() or 1
        for number in range(wanted):
            self.add(f"render-{number + 1}", worker_command(["render"]))
        self.add("deliver-1", worker_command(["read", "deliver", "sweep"], concurrency=2))

    def __enter__(self) -> Supervisor:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start what was added. Children may be added and started until then, also inside the ``with`` block."""
        for child in self.children:
            if child.process is None:
                self._start(child)
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()

    def stop(self, patience: float = 25.0) -> None:
        """Ask all to stop, and end those that do not."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(10)  # it may be starting a child in this very moment
        living = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in living:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + patience
        for process in living:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, child: _Child) -> None:
        log_file = home().prepare().logs / f"{child.name}.log"
        keep_small(log_file)
        with log_file.open("ab") as output:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, SUPERVISOR: str(os.getpid()), PROCESS: child.name},
            )
        child.started_at = time.monotonic()

    def _watch(self) -> None:
        while not self._stopping.wait(0.2):
            self._keep_logs_small()
            for child in self.children:
                if child.process is None or child.process.poll() is None:
                    continue
                now = time.monotonic()
                if not child.start_at:
                    lived = now - child.started_at
                    child.failures = 0 if lived > 60 else child.failures + 1
                    pause = min(_PAUSE * 2 ** min(child.failures, 6), _LONGEST_PAUSE)
                    code = child.process.returncode
                    log.warning("%s ended with %s, see logs/%s.log; starting it again", child.name, code, child.name)
                    child.start_at = now + pause
                elif now >= child.start_at:
                    child.start_at = 0.0
                    self._heal_database()
                    if not self._stopping.is_set():
                        self._start(child)

    def _keep_logs_small(self) -> None:
        """One old log is kept beside each present one."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK
            for child in self.children:
                keep_small(home().logs / f"{child.name}.log")

    def _heal_database(self) -> None:
        """A killed postmaster is started again; every committed row is there."""
        try:
            database.start(home())
        except Exception as error:  # told in the log; the next round tries again
            log.warning("the database does not start: %s", error)


def worker_command(roles: list[str], concurrency: int = 1) -> list[str]:
    """The command line of a worker process."""
    return [
        sys.executable,
        "-m",
        "postroom.cli.app",
        "worker",
        "--roles",
        ",".join(roles),
        "--concurrency",
        f"{concurrency}",
    ]
