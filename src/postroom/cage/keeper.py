"""The free side: starts a cell, feeds it jobs, kills and replaces it when a job misbehaves."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from postroom.cage import spawn
from postroom.cage.bench import BENCHES
from postroom.cage.errors import BenchRefused, CellBusy, CellNotStarted, NotPlain
from postroom.cage.frames import BrokenFrame, encode, plain
from postroom.cage.line import Gone, Line, TimeUp
from postroom.cage.obituary import obituary
from postroom.cage.words import Answer, Fault

Job = dict[str, Any] | tuple[dict[str, Any], Sequence[bytes]]

START_SECONDS = 60.0
_AHEAD = 16  # jobs sent before their turn, so that the cell never waits for the keeper
_LOW = 8  # when so few are left, more follow together: sending and waking the cell costs the same for one as for many
_READ_KEYS = ("pack", "fonts")


class Cell:
    """One caged process with one bench, replaced silently when it dies. For one thread at a time.

    ``bench``: a name of `bench.BENCHES` or ``postroom.module:Class``. ``setup``: plain data for its constructor;
    the folders named by ``pack`` and ``fonts`` in it, and the paths in ``read``, are all it can read.
    ``deadline``: seconds for one job; ``memory``: bytes of address space; ``scratch``: bytes it may write to one file,
    in an empty folder of its own that goes when it ends (0: it can write nothing).
    Raises CellNotStarted, and BenchRefused when the bench does not accept its setup.
    """

    def __init__(
        self,
        bench: str,
        setup: dict[str, Any],
        *,
        deadline: float = 20.0,
        memory: int = 2 << 30,
        read: Sequence[str | Path] = (),
        scratch: int = 0,
    ) -> None:
        self.bench, self.deadline, self.memory = BENCHES.get(bench, bench), deadline, memory
        paths = [*read, *(setup[key] for key in _READ_KEYS if isinstance(setup.get(key), str | Path))]
        first = {
            "bench": self.bench,
            "setup": setup,
            "memory": memory,
            "cpu": deadline * 4,  # wall time is the measure; a bench may use several threads
            "read": [os.path.realpath(path) for path in paths],
            "scratch": scratch,
        }
        self._first = _encode(first, ())
        self._busy = threading.Lock()
        self._process: _Process | None = None
        self.level: dict[str, Any] = {}
        self._ready()

    @property
    def pid(self) -> int | None:
        """Process id of the living cell, for tests and for `ps`."""
        return self._process.popen.pid if self._process else None

    def call(self, job: dict[str, Any], blobs: Sequence[bytes] = ()) -> Answer:
        """One job. Raises JobStopped (time, memory) or JobFailed for its fault."""
        (result,) = self.call_many([(job, blobs)])
        if isinstance(result, Fault):
            raise result.error()
        return result

    def call_many(self, jobs: Iterable[Job]) -> Generator[Answer | Fault, None, None]:
        """One result per job, in order. A bad job costs its own result only."""
        if not self._busy.acquire(blocking=False):
            raise CellBusy("This cell is still answering other jobs.", hint="Use one cell per thread.")
        if self._process and self._process.popen.poll() is not None:
            self._discard()  # it died while nobody was looking; no job is to blame
        flight: deque[bytes] = deque()
        try:
            yield from self._pump(iter(jobs), flight)
        finally:
            if flight:  # given up half-way: answers to old jobs must not meet new ones
                self._discard()
            self._busy.release()

    def close(self) -> None:
        """End the cell. Harmless when repeated."""
        self._discard()

    def __enter__(self) -> Cell:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _pump(self, jobs: Iterator[Job], flight: deque[bytes]) -> Iterator[Answer | Fault]:
        more, retried = True, False
        while True:
            line = self._ready(flight)
            if more and len(flight) <= _LOW:
                more = self._send_ahead(jobs, flight, line)
            if not flight:
                return
            result = self._next()
            if result is None:  # killed from outside: not this job's doing, unless it happens again
                if not retried:
                    retried = True
                    continue
                result = obituary(-signal.SIGKILL, "", self.deadline, self.memory)
            retried = False
            flight.popleft()
            yield result

    @staticmethod
    def _send_ahead(jobs: Iterator[Job], flight: deque[bytes], line: Line) -> bool:
        """Fill ``flight`` with the next jobs. Whether there may be more."""
        frames: list[bytes] = []
        size = 0
        for job in islice(jobs, _AHEAD - len(flight)):
            frame = _encode(*(job if isinstance(job, tuple) else (job, ())))
            flight.append(frame)
            frames.append(frame)
            size += len(frame)
            if not line.has_room(size):
                break
        if frames:
            line.post(b"".join(frames))
        return bool(frames)

    def _next(self) -> Answer | Fault | None:
        """The answer to the job at the head; None when somebody else killed the cell."""
        process = self._process
        assert process is not None
        try:
            value, blobs = process.line.receive(time.monotonic() + self.deadline)
            if "ok" in value:
                if value.get("worn"):
                    self._discard()  # it has served long enough; the jobs after this one get a fresh cell
                return Answer(value["ok"], blobs)
            if "fault" in value:
                return self._named(value["fault"])
            self._discard()
            return self._named(value["last"])
        except TimeUp:
            self._discard()
            return obituary(None, "", self.deadline, self.memory)
        except (BrokenFrame, KeyError, TypeError) as error:
            self._discard()
            return Fault("crashed", f"The cell sent what is no answer ({error}).", "Report this as a bug.")
        except Gone:
            code, last = process.last_words()
            self._discard()
            return None if code == -signal.SIGKILL else obituary(code, last, self.deadline, self.memory)

    def _named(self, fault: dict[str, Any]) -> Fault:
        if fault["code"] == "memory" and not fault["reason"]:
            return obituary(-signal.SIGABRT, "out of memory", self.deadline, self.memory)
        return Fault(*(str(fault[key]) for key in ("code", "reason", "hint", "where")))

    def _ready(self, again: Iterable[bytes] = ()) -> Line:
        """The line to a living cell; a new one gets the jobs ``again`` that the dead one did not answer."""
        if self._process:
            return self._process.line
        process = self._process = _Process(self._command)
        self._closer = weakref.finalize(self, process.kill)
        process.line.post(self._first)
        try:
            value, _ = process.line.receive(time.monotonic() + START_SECONDS)
        except (TimeUp, Gone, BrokenFrame) as error:
            code, last = process.last_words() if isinstance(error, Gone) else (None, str(error))
            self._discard()
            raise _not_started(self.bench, f"exit {code}, {last or 'no word'}") from error
        if "refused" in value:
            self._discard()
            fault = self._named(value["refused"])
            if fault.code in {"crashed", "memory"}:
                raise _not_started(self.bench, fault.reason)
            raise BenchRefused(fault.reason, hint=fault.hint, fault=fault.code, where=fault.where)
        self.level = value["ready"]
        for frame in again:
            process.line.post(frame)
        return process.line

    def _command(self, channel: int) -> list[str]:
        return [*spawn.python(), "-m", "postroom.cage.cell", str(channel), str(os.getpid())]

    def _discard(self) -> None:
        if self._process:
            self._closer()
            self._process = None


class _Process:
    """A started cell: the process, the line to it, and its own empty folder."""

    def __init__(self, command: Any) -> None:
        self.folder = tempfile.mkdtemp(prefix="postroom-cell-")
        self._owner = os.getpid()
        near, far = Line.pair()
        try:
            self.popen = spawn.start(command(far.fileno()), far.fileno(), self.folder)
        except OSError as error:
            near.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise CellNotStarted(
                f"No process could be started: {error}", hint="Look at the machine's memory and process limits."
            ) from error
        finally:
            far.close()
        assert self.popen.stderr is not None
        self.line = Line(near, self.popen.stderr)

    def last_words(self) -> tuple[int | None, str]:
        """Exit code and last line of standard error of a cell whose line has ended."""
        try:
            code: int | None = self.popen.wait(timeout=5)
        except TimeoutExpired:
            code = None  # alive but mute; the caller kills it
        return code, self.line.muttered()

    def kill(self) -> None:
        """SIGKILL to the cell and all in its session; wait for it; remove its folder."""
        if os.getpid() != self._owner:
            return  # a fork of the keeper has no say over the keeper's cells
        self.line.close()
        if self.popen.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _not_started(bench: str, why: str) -> CellNotStarted:
    return CellNotStarted(
        f"The cell for {bench} ended before it was ready: {why}",
        hint="`postroom doctor` tries the locks of the cage one by one.",
    )


def as_text(value: Any) -> bytes:
    """A value of a job as a blob that the bench reads as JSON, or passes on. Raises NotPlain, as a call does."""
    try:
        return plain(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise _not_plain(error) from error


def _encode(value: Any, blobs: Sequence[bytes]) -> bytes:
    try:
        return encode(value, blobs)
    except (TypeError, ValueError, RecursionError) as error:
        raise _not_plain(error) from error


def _not_plain(error: Exception) -> NotPlain:
    return NotPlain(
        f"A job for the cage cannot be sent: {error}.",
        hint="Send plain JSON values; write Decimal amounts and dates as text (P9).",
    )
