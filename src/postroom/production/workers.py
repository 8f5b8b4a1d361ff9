"""What each worker does at this moment, and how fast a run goes: read from rows that are there anyhow."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from postroom.kernel import clock, liveness
from postroom.kernel.models import Worker
from postroom.production.balance import Balance
from postroom.production.models import WAITING

#: Seconds that a rate is taken over.
WINDOW = 30.0

#: One look by partial indexes: what is read, composed and sent, by the lock of who does it.
_DOING = """
SELECT worker_lock, 'read', ref, id, received, woken_at FROM run
WHERE worker_lock = ANY(%(locks)s) AND state = 'reading'
UNION ALL
SELECT c.worker_lock, 'compose', r.ref, r.id, c.no, c.woken_at FROM run_chunk c JOIN run r ON r.id = c.run_id
WHERE c.state = 'claimed' AND c.worker_lock = ANY(%(locks)s)
UNION ALL
SELECT worker_lock, 'send', min(destination_id), min(run_id::text)::uuid, count(*)::int, min(changed_at) FROM delivery
WHERE state = 'sending' AND worker_lock = ANY(%(locks)s) GROUP BY worker_lock
"""
_RATE = """
SELECT (SELECT count(*) FROM delivery WHERE run_id = %(run)s AND created_at > %(since)s AND fallback_for IS NULL),
       (SELECT count(*) FROM delivery WHERE run_id = %(run)s AND state IN ('delivered', 'sent')
          AND changed_at > %(since)s)
"""


@dataclass(frozen=True, slots=True)
class Doing:
    """One living worker. ``act`` is read, compose, send, or "" for one that waits; ``what`` the run or destination;
    ``number`` the chunk, or how many letters are out of its hands without an answer."""

    lock: int
    host: str
    pid: int
    roles: str
    act: str = ""
    what: str = ""
    run_id: uuid.UUID | None = None
    number: int = 0
    since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """Deliveries a second that were made, and that left; ``left`` is the time until nothing is in progress, None when
    nothing moves."""

    made: float
    sent: float
    left: float | None


def doing() -> list[Doing]:
    """Every living worker and what it does; those at work first."""
    alive = list(Worker.objects.filter(lock__in=liveness.held_locks()).order_by("host", "roles", "pid"))
    with connection.cursor() as cursor:
        cursor.execute(_DOING, {"locks": [worker.lock for worker in alive]})
        acts = {row[0]: row[1:] for row in cursor.fetchall()}
    found = [Doing(worker.lock, worker.host, worker.pid, worker.roles, *acts.get(worker.lock, ())) for worker in alive]
    return sorted(found, key=lambda one: one.act == "")


def pace(run_id: uuid.UUID, counted: Balance, started_at: dt.datetime) -> Pace:
    """How fast the run goes, over the last half minute or since it began."""
    now = clock.now()
    seconds = min(WINDOW, max((now - started_at).total_seconds(), 1.0))
    with connection.cursor() as cursor:
        cursor.execute(_RATE, {"run": run_id, "since": now - dt.timedelta(seconds=seconds)})
        made, sent = (number / seconds for number in cursor.fetchone())
    waiting, moving = counted.stored.get(WAITING, 0), counted.deliveries["in_progress"]
    return Pace(made, sent, _left([(waiting, made), (moving + waiting, sent)]))


def _left(streams: Sequence[tuple[int, float]]) -> float | None:
    """The slowest of the streams that still have something; None when one of them stands."""
    times = [number / rate if rate else None for number, rate in streams if number]
    if not times or None in times:
        return None
    return max(time for time in times if time is not None)
