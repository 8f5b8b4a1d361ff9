"""Which chunk is composed next: the highest priority first, and within it the runs take turns.

A wake-up names a chunk, but the worker that comes takes whatever has its turn: there is one wake-up for each chunk, so
none is left over. Each worker goes round the runs by itself and remembers only whom it served; a new run is next.
"""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import Error, connection

from postroom.production.pressure import Pressure

#: First half of the advisory lock that keeps two workers from choosing the same chunk ("turn").
_LOCK = 0x7475726E
#: Chunks of a run that are looked at: more than workers that may be choosing at the same moment.
_NEAR = 16
#: A chunk that failed rests before it is tried again, seconds.
_REST = 2

_WAITING = f"""
SELECT run_id, priority, id FROM (
  SELECT c.run_id, r.priority, c.id, row_number() OVER (PARTITION BY c.run_id ORDER BY c.no) AS place
  FROM run_chunk c JOIN run r ON r.id = c.run_id
  WHERE c.state = 'ready' AND (c.tries = 0 OR c.woken_at < now() - interval '{_REST} seconds')) AS waiting
WHERE place <= {_NEAR} ORDER BY run_id, place
"""  # noqa: S608  numbers of ours

_served: dict[uuid.UUID, int] = {}
_turn = itertools.count(1)


@contextmanager
def next_chunk(held_back: Callable[[uuid.UUID, int], Pressure | None]) -> Iterator[tuple[uuid.UUID | None, bool]]:
    """The chunk that has its turn, ours until the block ends; and whether others wait that are held back for now.

    ``held_back`` says of a run and its priority why nothing of it is composed at the moment.
    """
    runs, chunks = _look()
    waits = False
    for run_id, priority in runs:
        if held_back(run_id, priority) is not None:
            waits = True
            continue
        for chunk_id in chunks[run_id]:
            if _choose(chunk_id):
                _served[run_id] = next(_turn)
                try:
                    yield chunk_id, waits
                finally:
                    _leave(chunk_id)
                return
    yield None, waits


def _look() -> tuple[list[tuple[uuid.UUID, int]], dict[uuid.UUID, list[uuid.UUID]]]:
    """Runs in the order of their turn, and the first waiting chunks of each."""
    chunks: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    priorities: dict[uuid.UUID, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        for run_id, priority, chunk_id in cursor.fetchall():
            priorities[run_id] = priority
            chunks[run_id].append(chunk_id)
    for gone in [run_id for run_id in _served if run_id not in priorities]:
        _served.pop(gone, None)
    order = sorted(priorities, key=lambda run_id: (-priorities[run_id], _served.get(run_id, 0), run_id))
    return [(run_id, priorities[run_id]) for run_id in order], chunks


def _choose(chunk_id: uuid.UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK, str(chunk_id)))
        return bool(cursor.fetchone()[0])


def _leave(chunk_id: uuid.UUID) -> None:
    """A connection that broke meanwhile has let go by itself."""
    with contextlib.suppress(Error), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (_LOCK, str(chunk_id)))
