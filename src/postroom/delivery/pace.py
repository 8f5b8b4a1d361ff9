"""How fast a destination may be served: its rate (a token bucket) and how many letters may be under way at once.

The bucket is one row per destination. Who wants to claim fills it up by the time that has gone by and holds the row
until the claim is committed, so any number of workers on any number of hosts keep one rate, and a restart forgets
nothing. Time is the database's. When that clock jumps back, no time has gone by and the bucket goes on from there: no
letter waits for the clock to catch up. When it jumps ahead, the bucket is full, and no more than full.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from postroom.delivery.models import Destination

_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
#: So long a thread believes what it read of a destination's settings, seconds.
_REMEMBERED = 1.0
_LOCAL = threading.local()

#: clock_timestamp(), not now(): the moment after the row's lock was waited for, not that of the transaction's begin.
_FILL = """
INSERT INTO destination_bucket AS b (destination_id, tokens, at) VALUES (%(key)s, %(burst)s, clock_timestamp())
ON CONFLICT (destination_id) DO UPDATE SET at = clock_timestamp(), tokens = least(%(burst)s::double precision,
  b.tokens + greatest(0, extract(epoch FROM clock_timestamp() - b.at)) * %(rate)s)
RETURNING tokens
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """``rate``: letters a second, 0 for any; ``burst``: the most after a pause; ``parallel``: at once, 0 for any."""

    rate: float = 0.0
    burst: int = 1
    parallel: int = 0
    count: int = 0
    unit: str = ""

    @property
    def limited(self) -> bool:
        return bool(self.rate or self.parallel)

    def lasts(self, waiting: int) -> float:
        """Seconds until so many letters have gone, at best; 0 without a rate."""
        return waiting / self.rate if self.rate else 0.0


def read_pace(config: Mapping[str, Any]) -> Pace:
    """The pace in a destination's settings, which ``set_destination`` has checked. What is no pace limits nothing."""
    number, _, unit = str(config.get("rate") or "").partition("/")
    count = int(number) if number.isdecimal() and unit in _SECONDS else 0
    return Pace(
        rate=count / _SECONDS[unit] if count else 0.0,
        burst=max(1, int(config.get("burst") or 1)),
        parallel=max(0, int(config.get("parallel") or 0)),
        count=count,
        unit=unit if count else "",
    )


def pace_of(key: str) -> Pace:
    """The pace of a destination, read at most once a second by each thread."""
    known: dict[str, tuple[float, Pace]] = _LOCAL.__dict__.setdefault("paces", {})
    kept = known.get(key)
    if kept is not None and time.monotonic() - kept[0] < _REMEMBERED:
        return kept[1]
    config = Destination.objects.filter(pk=key).values_list("config", flat=True).first()
    pace = read_pace(config or {})
    known[key] = (time.monotonic(), pace)
    return pace


def forget_paces() -> None:
    """Read every pace again (another database, or a test that changed one)."""
    _LOCAL.__dict__.pop("paces", None)


def fill(key: str, pace: Pace) -> float:
    """Hold the bucket until the transaction ends, filled up to now. Its tokens; a letter takes one."""
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"key": key, "burst": pace.burst, "rate": pace.rate})
        return float(cursor.fetchone()[0])


#: More than so many are told as so many: nobody reads the difference, and counting them would take its time.
MOST_TOLD = 100_000
_WAITING = """
SELECT key, (SELECT count(*) FROM (SELECT 1 FROM delivery WHERE destination_id = key AND state = 'ready'
  LIMIT %s) AS few) FROM destination
"""


def waiting() -> dict[str, int]:
    """Letters that wait at each destination, at most MOST_TOLD of each."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, (MOST_TOLD,))
        return {key: int(count) for key, count in cursor.fetchall()}
