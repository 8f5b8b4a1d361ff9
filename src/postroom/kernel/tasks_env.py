"""Around each task: no stale database connection, neither before nor after, and how many are in hand."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


_GUARD = threading.Lock()
_IN_HAND = 0


def in_hand() -> int:
    """How many tasks this process has begun and not ended."""
    return _IN_HAND


def _count(change: int) -> None:
    global _IN_HAND
    with _GUARD:
        _IN_HAND += change


def in_worker(task: Callable[P, R]) -> Callable[P, R]:
    """Close connections that broke or outlived their age before and after ``task``."""

    @functools.wraps(task)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        _count(1)
        try:
            close_old_connections()
            return task(*args, **kwargs)
        finally:
            _count(-1)
            close_old_connections()

    return wrapped
