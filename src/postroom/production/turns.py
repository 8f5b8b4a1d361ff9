"""Which chunk is composed next: the highest priority first, and within it the runs take turns.

A wake-up names a chunk, but the worker that comes takes whatever has its turn: there is one wake-up for each chunk, so
none is left over. Each worker goes round the runs by itself and remembers only whom it served; a new run is next.
"""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Callable

from django.db import connection

from postroom.production.pressure import Pressure

#: Chunks of a run that are looked at: more than workers that may be choosing at the same moment.
_NEAR = 16
#: A chunk that failed rests before it is tried again, seconds.
_REST = 2

_WAITING = f"""
SELECT run_id, priority, id, resting FROM (
  SELECT c.run_id, r.priority, c.id, row_number() OVER (PARTITION BY c.run_id ORDER BY c.no) AS place,
    c.tries > 0 AND c.woken_at >= now() - interval '{_REST} seconds' AS resting
  FROM run_chunk c JOIN run r ON r.id = c.run_id WHERE c.state = 'ready') AS waiting
WHERE place <= {_NEAR} ORDER BY run_id, place
"""  # noqa: S608  numbers of ours

_served: dict[uuid.UUID, int] = {}
_turn = itertools.count(1)


def next_chunks(held_back: Callable[[uuid.UUID, int], Pressure | None]) -> tuple[list[uuid.UUID], bool]:
    """Chunks in the order of their turn, for whoever takes the first that is still there; and whether others wait that
    are held back for now.

    Nothing is locked by looking: the claim itself decides between two workers that want the same chunk. A lock of a
    session that outlives the claim would keep the chunk of a frozen worker from whoever takes over.
    ``held_back`` says of a run and its priority why nothing of it is composed at the moment.
    """
    runs, chunks, waits = _look()
    found: list[uuid.UUID] = []
    for run_id, priority in runs:
        if held_back(run_id, priority) is not None:
            waits = True
        else:
            found += chunks[run_id]
    return found, waits


def served(chunk_id: uuid.UUID) -> None:
    """The chunk's run had its turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT run_id FROM run_chunk WHERE id = %s", (chunk_id,))
        row = cursor.fetchone()
    if row:
        _served[row[0]] = next(_turn)


def _look() -> tuple[list[tuple[uuid.UUID, int]], dict[uuid.UUID, list[uuid.UUID]], bool]:
    """Runs in the order of their turn, the first waiting chunks of each, and whether one rests: its wake-up may be the
    one that brought us here, so somebody has to stay for it."""
    chunks: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    priorities: dict[uuid.UUID, int] = {}
    rests = False
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        for run_id, priority, chunk_id, resting in cursor.fetchall():
            rests = rests or resting
            priorities[run_id] = priority
            if not resting:
                chunks[run_id].append(chunk_id)
    for gone in [run_id for run_id in _served if run_id not in priorities]:
        _served.pop(gone, None)
    order = sorted(priorities, key=lambda run_id: (-priorities[run_id], _served.get(run_id, 0), run_id))
    return [(run_id, priorities[run_id]) for run_id in order], chunks, rests
