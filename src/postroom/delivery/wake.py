"""Wake-ups of the delivery workers. The rows are the truth; a lost wake-up is made good by the sweeper.

Each channel has a queue of its own, so that workers can be had for one channel, and a slow one holds up no other.
A destination has a few wake-ups waiting at most: they bring workers to it, and each of them finds whatever is due.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app

TASK = "delivery.dispatch"
#: Queue of wake-ups without a channel (older versions; a destination that is gone).
QUEUE = "deliver"
#: So many wake-ups of a destination may wait: more would bring no more workers to it, only fill the queue.
_ENOUGH = 8

_LOOK = """
SELECT channel, (SELECT count(*) FROM (
  SELECT 1 FROM procrastinate_jobs WHERE queue_name = %(prefix)s || channel AND status = 'todo'
  AND args ->> 'destination' = key AND priority >= %(priority)s AND {when} LIMIT {enough}) AS waiting)
FROM destination WHERE key = %(key)s
"""
_NOW = _LOOK.format(when="(scheduled_at IS NULL OR scheduled_at <= now())", enough=_ENOUGH)
_THEN = _LOOK.format(when="scheduled_at BETWEEN %(at)s::timestamptz AND %(until)s::timestamptz", enough=1)
_SOON = _LOOK.format(when="scheduled_at BETWEEN now() AND now() + make_interval(secs => %(seconds)s + 1)", enough=1)


def queue_of(channel: str) -> str:
    """The queue of a channel's wake-ups."""
    return f"{QUEUE}:{channel}" if channel else QUEUE


def wake(destination: str, at: dt.datetime | None = None, *, priority: int = 0, always: bool = False) -> None:
    """Ask for ``destination`` to be served, inside the caller's transaction.

    ``always``: also when enough ask already, for a worker that gives up its place and wants it again.
    """
    values: dict[str, Any] = {"key": destination, "priority": priority}
    if at is not None:
        values |= {"at": at, "until": at + dt.timedelta(seconds=1)}
    channel, waiting = _look(_NOW if at is None else _THEN, values)
    if always or waiting < (_ENOUGH if at is None else 1):
        task = app.configure_task(TASK, queue=queue_of(channel), schedule_at=at, priority=priority)
        task.defer(destination=destination)


def wake_in(destination: str, seconds: float) -> None:
    """Ask for it after a while, unless somebody has asked for about that moment already."""
    channel, waiting = _look(_SOON, {"key": destination, "priority": 0, "seconds": seconds})
    if not waiting:
        task = app.configure_task(TASK, queue=queue_of(channel), schedule_in={"seconds": seconds})
        task.defer(destination=destination)


def _look(statement: str, values: dict[str, Any]) -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"prefix": f"{QUEUE}:", **values})
        row = cursor.fetchone()
    return (row[0], int(row[1])) if row else ("", 0)
