"""Around each task: no stale database connection, neither before nor after."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


def in_worker(task: Callable[P, R]) -> Callable[P, R]:
    """Close connections that broke or outlived their age before and after ``task``."""

    @functools.wraps(task)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return task(*args, **kwargs)
        finally:
            close_old_connections()

    return wrapped
