"""What a process counts and times, in a file of its own in the home, so that it outlives a kill (ADR 0029).

A number is one write into mapped memory: no lock with other processes, no system call, and nothing to lose when the
process is killed, because the pages are the kernel's. The file's room is taken before it is mapped; a disk that is
full later cannot end the process (SIGBUS). Meters are never a reason for work to fail: what cannot be written is not.

Labels name channels, stages, routes and codes, never persons: what does not look like such a name becomes ``other``.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import re
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postroom.kernel.home import home

log = logging.getLogger("postroom.meters")

#: The name of this process in its file: ``render-1``. Set by the supervisor for its children.
PROCESS = "POSTROOM_PROCESS"
SUFFIX = ".meters"
#: Upper ends of the buckets of every histogram, seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, float("inf"))
OTHER = "other"
#: The time each stage of a chunk takes (docs/metrics.md).
CHUNK_STAGE = "postroom_chunk_stage_seconds"

MAGIC = b"PRMETER1"
_ROOM = 512 << 10
_HEAD = 16
_MOST_SETS = 400
"""Sets of labels of one metric in one process; more than these are counted as ``other``."""
_AGAIN = 60.0
_GOOD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,79}")
_USED = struct.Struct("<Q")
_VALUE = struct.Struct("<d")
_LENGTH = struct.Struct("<Q")

Labels = tuple[tuple[str, str], ...]


def folder() -> Path:
    """Where the processes of this home keep their meters."""
    return home().root / "metrics"


def key_of(name: str, labels: Labels, part: str = "") -> str:
    """A number's name in a file: the metric, its labels, and which part of a histogram."""
    return json.dumps([name, labels, part], separators=(",", ":"))


def label(value: object) -> str:
    """A value as it may stand in a label: a short name of ours, else ``other``."""
    text = str(value)
    return text if _GOOD.fullmatch(text) else OTHER


class Page:
    """The mapped file of one process. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(fd, 0, _ROOM)
            else:  # macOS: written out, which takes the room as well
                os.write(fd, bytes(_ROOM))
            self._map = mmap.mmap(fd, _ROOM)
        except BaseException:
            path.unlink()
            raise
        finally:
            os.close(fd)
        self.path = path
        self._used = _HEAD
        self._places: dict[str, int] = {}
        self._map[8:16] = _USED.pack(_HEAD)
        self._map[:8] = MAGIC

    def add(self, key: str, amount: float) -> None:
        place = self._places.get(key) or self._place(key)
        if place:
            self._map[place : place + 8] = _VALUE.pack(_VALUE.unpack_from(self._map, place)[0] + amount)

    def put(self, key: str, value: float) -> None:
        place = self._places.get(key) or self._place(key)
        if place:
            self._map[place : place + 8] = _VALUE.pack(value)

    def _place(self, key: str) -> int:
        """Room for a new number: length, name, padding, value; the head tells last that it is there. 0: it is full."""
        name = key.encode()
        end = self._used + 8 + (len(name) + 7) // 8 * 8 + 8
        if end > _ROOM:
            return 0
        self._map[self._used : self._used + 8 + len(name)] = _LENGTH.pack(len(name)) + name
        self._used, place = end, end - 8
        self._map[8:16] = _USED.pack(end)
        self._places[key] = place
        return place

    def close(self) -> None:
        self._map.close()


def read_page(content: bytes) -> dict[str, float]:
    """The numbers in a file of meters. Of a torn or foreign one, what can be read."""
    found: dict[str, float] = {}
    if content[:8] != MAGIC or len(content) < _HEAD:
        return found
    used, at = min(_USED.unpack_from(content, 8)[0], len(content)), _HEAD
    while at + 8 <= used:
        length = _LENGTH.unpack_from(content, at)[0]
        place = at + 8 + (length + 7) // 8 * 8
        if not length or place + 8 > used:
            break
        found[content[at + 8 : at + 8 + length].decode("utf-8", "replace")] = _VALUE.unpack_from(content, place)[0]
        at = place + 8
    return found


def started_at(pid: int) -> str:
    """When a process started, in the kernel's ticks: tells it from a later one with its number. "": there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        pass
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)  # macOS: no start time, but at least whether there is one
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "0"
    return "0"


class Meters:
    """The meters of this process: opened at the first number, anew after a fork or in another home."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._page: Page | None = None
        self._mine: tuple[int, Path] | None = None
        self._again = 0.0
        self._sets: dict[str, set[Labels]] = {}
        self.name = ""

    def begin(self, name: str = "") -> None:
        """Open the file now, under ``name``, so that the process is known before it counts anything."""
        with self._guard:
            self.name = label(name) if name else self.name
            self._open()

    def count(self, name: str, labels: Labels, amount: float) -> None:
        with self._guard:
            page = self._open()
            if page:
                page.add(key_of(name, self._bounded(name, labels)), amount)

    def observe(self, name: str, labels: Labels, seconds: float) -> None:
        with self._guard:
            page = self._open()
            if page:
                labels = self._bounded(name, labels)
                bucket = next(end for end in BUCKETS if seconds <= end)
                page.add(key_of(name, labels, f"{bucket:g}"), 1)
                page.add(key_of(name, labels, "sum"), seconds)

    def hold(self, name: str, labels: Labels, value: float) -> None:
        with self._guard:
            page = self._open()
            if page:
                page.put(key_of(name, self._bounded(name, labels)), value)

    def _bounded(self, name: str, labels: Labels) -> Labels:
        labels = tuple((key, label(value)) for key, value in labels)
        seen = self._sets.setdefault(name, set())
        if labels not in seen:
            if len(seen) >= _MOST_SETS:
                return tuple((key, OTHER) for key, _ in labels)
            seen.add(labels)
        return labels

    def _open(self) -> Page | None:
        place = folder()
        if self._mine == (os.getpid(), place) and (self._page or time.monotonic() < self._again):
            return self._page
        self._mine, self._page, self._sets = (os.getpid(), place), None, {}
        self._again = time.monotonic() + _AGAIN
        name = self.name or label(os.environ.get(PROCESS) or "process")
        for attempt in range(100):  # one process may come back to a home it has left: tests do
            path = place / f"{name}.{os.getpid()}.{started_at(os.getpid()) or '0'}.{attempt}{SUFFIX}"
            try:
                if place.parent.is_dir():
                    self._page = Page(path)
                return self._page
            except FileExistsError:
                continue
            except OSError as error:  # a full or read-only disk: the work goes on uncounted
                log.warning("meters cannot be kept for a minute: %s", error.strerror)
                return None
        return None


METERS = Meters()


def count(name: str, amount: float = 1, **labels: object) -> None:
    """Add to a counter: ``count("postroom_attempts_total", channel="email", outcome="sent")``."""
    METERS.count(name, _labels(labels), amount)


def observe(name: str, seconds: float, **labels: object) -> None:
    """Note how long something took."""
    METERS.observe(name, _labels(labels), seconds)


def hold(name: str, value: float, **labels: object) -> None:
    """Set a number that holds as long as this process lives."""
    METERS.hold(name, _labels(labels), value)


@contextmanager
def timed(name: str, **labels: object) -> Iterator[None]:
    """Note how long the block took, however it ended. Usable as a decorator."""
    began = time.perf_counter()
    try:
        yield
    finally:
        observe(name, time.perf_counter() - began, **labels)


def _labels(labels: dict[str, object]) -> Labels:
    return tuple(sorted((key, str(value)) for key, value in labels.items()))
