"""Alarms that stand, and when documents were last made again, as findings of ``postroom doctor`` and the health page.

By a plain connection: the doctor also looks at installations whose code cannot be set up, or whose schema is older.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg

from postroom.kernel import database
from postroom.kernel.errors import PostroomError
from postroom.kernel.home import home
from postroom.support.finding import Finding

REPRODUCIBILITY = "Reproducibility"
_ALARMS = (
    "SELECT id, told, hint, count(*) OVER () FROM template_alarm WHERE acknowledged_at IS NULL"
    " ORDER BY raised_at LIMIT 5"
)
_LAST = (
    "SELECT to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), counts FROM reproduction"
    " WHERE ended_at IS NOT NULL AND wanted > 0 ORDER BY ended_at DESC LIMIT 1"
)


def reproducibility(start_database: bool) -> Iterator[Finding]:
    """What stands, each with its way to be acknowledged; or when it was last seen that nothing does."""
    place = home()
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
    try:
        with psycopg.connect(url, connect_timeout=3, autocommit=True) as session:
            alarms = session.execute(_ALARMS).fetchall()
            last = session.execute(_LAST).fetchone()
    except psycopg.errors.UndefinedTable:
        return [
            Finding(REPRODUCIBILITY, "note", "not looked at yet", "Start Postroom once: its tables are older than it.")
        ]
    except psycopg.Error:
        return []  # told by the finding of the database
    found = [
        Finding(
            REPRODUCIBILITY, "wrong", told, f"{hint} Acknowledge: `postroom verify --acknowledge {alarm} --reason ..`"
        )
        for alarm, told, hint, _ in alarms
    ]
    if alarms and alarms[0][3] > len(alarms):
        more = alarms[0][3] - len(alarms)
        found.append(Finding(REPRODUCIBILITY, "wrong", f"and {more} more alarms", "See all with `postroom verify`."))
    if not found:
        found.append(_quiet(last))
    return found


def _quiet(last: tuple[str, dict[str, dict[str, int]]] | None) -> Finding:
    if last is None:
        return Finding(REPRODUCIBILITY, "ok", "no alarm; no document was made again yet")
    moment, counts = last
    same = sum(version.get("same", 0) for version in counts.values())
    stored = sum(version.get("stored_only", 0) for version in counts.values())
    return Finding(
        REPRODUCIBILITY, "ok", f"no alarm; {same} documents came out the same, {stored} are stored only, {moment} UTC"
    )
