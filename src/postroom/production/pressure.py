"""Back-pressure: when the disk is short or the way out is slow, less is taken in, instead of filling memory and disk.

Rows and bytes wait where they are: a parcel in the vault, records in their chunks. Nothing is blamed, nothing fails,
and the work goes on by itself when there is room (ARCHITECTURE.md, section 4).
"""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import connection

from postroom.kernel.home import home
from postroom.production.models import READY, SETTLED, Chunk, Run

#: So long an answer counts, seconds: asked for each chunk, looked up far less often.
_FRESH = 0.5
#: Set when this process is told to stop: who waits for room leaves it to the next worker.
LEAVING = threading.Event()

#: By the index of deliveries by run and state; it never counts further than the limit.
_MANY = "SELECT count(*) FROM (SELECT 1 FROM delivery WHERE run_id = %s AND state = 'ready' LIMIT %s) AS waiting"


@dataclass(frozen=True, slots=True)
class Pressure:
    """Why nothing more is taken in: of the disk ``found`` bytes are free and ``limit`` are to stay free; of the
    backlog ``found`` records and letters wait and ``limit`` may."""

    cause: Literal["disk", "backlog"]
    found: int
    limit: int

    @property
    def told(self) -> str:
        """For the log and the command line; pages have words of their own."""
        if self.cause == "disk":
            return f"{self.found >> 20} MiB are free, below the reserve of {self.limit >> 20} MiB"
        return f"{self.found} records and letters of the run wait, the limit is {self.limit}"


def of_disk() -> Pressure | None:
    """The disk of the vault or of the home folder has less than the reserve."""
    reserve = settings.CONFIG.disk_reserve
    place = home()
    free = min(shutil.disk_usage(folder).free for folder in (place.root, place.vault) if folder.exists())
    return Pressure("disk", free, reserve) if free < reserve else None


def on_composing(run_id: uuid.UUID, priority: int) -> Pressure | None:
    """Whether the chunks of a run have to wait: too many of its letters are not out yet.

    By run, so that one with a slow way out holds up no other; and what is urgent is not held up at all.
    """
    return None if priority > 0 else _backlog(_letters(run_id))


def on_reading(run: Run) -> Pressure | None:
    """Whether reading has to wait: for the disk, or for what was read and is not composed or not out yet."""
    short = of_disk()
    if short is not None or run.priority > 0:
        return short
    chunks = Chunk.objects.filter(run=run, state=READY).count()
    return _backlog(_letters(run.pk) + chunks * settings.CONFIG.chunk_size)


def on_run(run: Run) -> Pressure | None:
    """What keeps a run back at the moment, for those who look at it."""
    if run.state == SETTLED:
        return None
    waits = run.received_at is None or Chunk.objects.filter(run=run, state=READY).exists()
    return on_reading(run) or (on_composing(run.pk, run.priority) if waits else None) if waits else None


def _letters(run_id: uuid.UUID) -> int:
    limit = settings.CONFIG.backlog
    with connection.cursor() as cursor:
        cursor.execute(_MANY, (run_id, limit))
        return int(cursor.fetchone()[0]) if limit else 0


def _backlog(waiting: int) -> Pressure | None:
    limit = settings.CONFIG.backlog
    return Pressure("backlog", waiting, limit) if limit and waiting >= limit else None


class Gauge:
    """An answer that is looked up again when it is old; for one thread."""

    def __init__(self, look: Callable[[], Pressure | None]) -> None:
        self._look = look
        self._at = -_FRESH
        self._answer: Pressure | None = None

    def __call__(self) -> Pressure | None:
        now = time.monotonic()
        if now - self._at >= _FRESH:
            self._answer, self._at = self._look(), now
        return self._answer
