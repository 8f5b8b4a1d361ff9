"""Tests that are being made at this moment: how far they have come, and tests that go on without their page.

A small file beside the caches tells it to every process of the machine. It is no truth: what a test came to is a row
(``gate``), and a file that nobody writes any more is soon believed no more.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from postroom.kernel.errors import PostroomError
from postroom.kernel.home import home

log = logging.getLogger("postroom.template-tests")

Progress = Callable[[int, int], None]
#: Seconds after which a file that was not written again is what a process that died left behind.
_BELIEVED = 120.0
#: Seconds between two writes.
_OFTEN = 0.2


@dataclass(frozen=True, slots=True)
class Underway:
    """Documents that are through, and how many there are; ``told`` is why the last try came to nothing."""

    done: int = 0
    total: int = 0
    told: str = ""


@contextmanager
def telling(digest: str, progress: Progress | None = None) -> Iterator[Progress]:
    """Tell how far the tests of a digest are, and ``progress`` besides, while the block runs."""
    path, written, known = _path(digest), 0.0, -1

    def told(done: int, total: int) -> None:
        nonlocal written, known
        if time.monotonic() - written >= _OFTEN or total != known or done == total:
            written, known = time.monotonic(), total
            _write(path, {"done": done, "total": total})
        if progress is not None:
            progress(done, total)

    told(0, 0)
    try:
        yield told
    finally:
        path.unlink(missing_ok=True)


def standing(digest: str) -> Underway | None:
    """How far the tests of a digest are; None where nobody makes them."""
    path = _path(digest)
    try:
        if time.time() - path.stat().st_mtime > _BELIEVED:
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
        return Underway(int(told.get("done", 0)), int(told.get("total", 0)), str(told.get("told", "")))
    except (OSError, ValueError):
        return None


def begin(digest: str, work: Callable[[], object]) -> None:
    """Make tests in a thread of this process, one after the other; what goes wrong is told where they stood."""
    found = standing(digest)
    if found is not None and not found.told:
        return
    _write(_path(digest), {"done": 0, "total": 0})
    _begun().append(_hand().submit(_through, digest, work))


def finish(seconds: float = 120.0) -> None:
    """Wait for what was begun here: for tests, whose database goes away."""
    while _begun():
        _begun().pop().result(seconds)


def _through(digest: str, work: Callable[[], object]) -> None:
    from django.db import connection

    try:
        work()
        _path(digest).unlink(missing_ok=True)
    except PostroomError as error:
        _write(_path(digest), {"told": f"{error.message} {error.hint}".strip()})
    except Exception as error:  # whatever it is, it is told on the page that asked; nobody else waits for it
        log.exception("template tests")
        _write(_path(digest), {"told": f"{type(error).__name__}: {error}"})
    finally:
        connection.close()


def _write(path: Path, told: dict[str, object]) -> None:
    growing = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    growing.write_text(json.dumps(told), encoding="utf-8")
    growing.replace(path)


def _path(digest: str) -> Path:
    return home().prepare().work / "tests" / f"{digest}.json"


@lru_cache(maxsize=1)
def _hand() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="template-tests")


@lru_cache(maxsize=1)
def _begun() -> list[Future[None]]:
    return []


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_hand.cache_clear)
    os.register_at_fork(after_in_child=_begun.cache_clear)
