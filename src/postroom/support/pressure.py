"""What is held back at the moment, and why, for ``postroom doctor`` and the health page.

By a plain connection: the doctor also looks at installations whose code cannot be set up, or whose schema is older.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import psycopg

from postroom.kernel import database
from postroom.kernel.config import config
from postroom.kernel.errors import PostroomError
from postroom.kernel.home import home
from postroom.support.finding import Finding

_WHAT = "Back-pressure"
_NAMED = 3
#: The runs ``production/pressure.py`` holds back: read or composed only when what waits of them becomes less.
_HELD_BACK = """
SELECT ref, waiting FROM (
  SELECT r.ref, r.started_at, (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.run_id = r.id
      AND d.state = 'ready' LIMIT %(limit)s) AS letters)
    + %(chunk)s * (SELECT count(*) FROM run_chunk c WHERE c.run_id = r.id AND c.state = 'ready') AS waiting
  FROM run r WHERE r.state <> 'settled' AND r.priority <= 0 AND r.cancelled_at IS NULL
    AND (r.received_at IS NULL OR EXISTS (SELECT 1 FROM run_chunk c WHERE c.run_id = r.id AND c.state = 'ready'))
) AS open WHERE waiting >= %(limit)s AND %(limit)s > 0 ORDER BY started_at
"""


def pressed(start_database: bool) -> Iterator[Finding]:
    """One finding: whether the disk is short, and the runs that wait because their way out is slow."""
    place = home()
    reserve = config().disk_reserve
    free = min((shutil.disk_usage(folder).free for folder in (place.root, place.vault) if folder.exists()), default=0)
    if free < reserve:
        yield Finding(
            _WHAT,
            "wrong",
            f"nothing is taken in: {free >> 20} MiB are free, below the reserve of {reserve >> 20} MiB",
            "Free space on the disk of POSTROOM_HOME; the work goes on by itself.",
        )
        return
    try:
        url = database.start(place) if start_database else os.environ.get("POSTROOM_DATABASE_URL", "")
    except PostroomError:
        return  # told by the finding of the database
    try:
        yield from _seen(url)
    finally:
        if start_database:
            database.stop(place)


def _seen(url: str) -> list[Finding]:
    settings = config()
    try:
        with psycopg.connect(url, connect_timeout=3, autocommit=True) as session:
            values = {"limit": settings.backlog, "chunk": settings.chunk_size}
            rows = session.execute(_HELD_BACK, values).fetchall()
    except psycopg.Error:
        return []  # told by the finding of the database
    if not rows:
        return [Finding(_WHAT, "ok", "nothing is held back")]
    named = ", ".join(f"{ref} ({waiting} records and letters wait)" for ref, waiting in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return [
        Finding(
            _WHAT,
            "note",
            f"{named}{more}; the limit is {settings.backlog}",
            "The way out is slower than the way in: look at the destinations. The runs go on by themselves.",
        )
    ]
