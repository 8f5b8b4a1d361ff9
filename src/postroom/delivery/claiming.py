"""Taking the next due delivery of a destination (P4): the intent is committed before anything is sent.

The order: the highest priority first; within it the runs take turns, one letter each, so that a batch of a million
holds nobody up; within a run the oldest. A first try and a letter that is tried again take turns too. Every step is
the first entry of a partial index, whatever the backlog (docs/adr/0026). A first try is due whatever the clock says,
and the sweep sets later ones right (``set_waits_right``), so that a clock that jumps back holds nothing up.
"""

# ruff: noqa: S608  the statements are put together from parts of this file, and nothing of them comes from outside

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from postroom.delivery.models import NO_RUN, Delivery
from postroom.delivery.pace import Pace, fill, pace_of
from postroom.delivery.wake import wake_in
from postroom.documents.models import Communication
from postroom.kernel import clock
from postroom.parties.models import Party

_READY = "destination_id = %(destination)s AND state = 'ready'"
_RUN = f"COALESCE(run_id, '{NO_RUN}'::uuid)"
_PICKS = {
    # The run after the one that had its turn, among those of the highest priority.
    "next_run": f"""SELECT id FROM delivery WHERE {_READY} AND attempts = 0
  AND priority = (SELECT priority FROM delivery WHERE {_READY} AND attempts = 0 ORDER BY priority DESC LIMIT 1)
  AND {_RUN} > %(after)s""",
    # From the beginning; and what is lower while the highest is in other hands.
    "first_run": f"SELECT id FROM delivery WHERE {_READY} AND attempts = 0",
    "again": f"SELECT id FROM delivery WHERE {_READY} AND attempts > 0 AND next_attempt_at <= %(now)s",
}
_ORDERS = {
    "next_run": f"{_RUN}, id",
    "first_run": f"priority DESC, {_RUN}, id",
    "again": "next_attempt_at",
}
_IN_HAND = "SELECT count(*) FROM delivery WHERE destination_id = %(destination)s AND state = 'sending'"
_ROOM = f"({_IN_HAND} AND worker_lock IS NOT NULL) < %(parallel)s"
_SPEND = """,
spent AS (
  UPDATE destination_bucket SET tokens = tokens - 1 WHERE destination_id = %(destination)s
  AND EXISTS (SELECT 1 FROM claimed))"""


def _statement(picks: tuple[str, ...], *, paced: bool) -> str:
    """One statement, so one transaction: the claim, its attempt, and what a letter needs to know. Written by hand
    because it runs once for each message, and the ORM's five queries took as long as the mail server.

    Each pick is asked only when those before it found nothing.
    """
    tables, earlier = [], ""
    for pick in picks:
        room = f" AND {_ROOM}" if paced else ""
        tables.append(
            f"{pick} AS MATERIALIZED ({_PICKS[pick]}{earlier}{room}"
            f" ORDER BY {_ORDERS[pick]} LIMIT 1 FOR UPDATE SKIP LOCKED)"
        )
        earlier += f" AND NOT EXISTS (SELECT 1 FROM {pick})"
    due = " UNION ALL ".join(f"SELECT id FROM {pick}" for pick in picks)
    return f"""
WITH {", ".join(tables)},
due AS ({due}),
claimed AS (
  UPDATE delivery d SET state = 'sending', attempts = d.attempts + 1, worker_lock = %(worker)s, changed_at = %(now)s,
    key = replace(d.id::text, '-', '') || '-' || (d.attempts + 1)
  FROM due WHERE d.id = due.id
  RETURNING d.id, d.communication_id, d.party_id, d.run_id, d.record_id, d.destination_id, d.channel, d.address,
    d.state, d.attempts, d.key, d.worker_lock, d.priority),
noted AS (
  INSERT INTO delivery_attempt (delivery_id, no, key, worker_lock, started_at, outcome, answer)
  SELECT id, attempts, key, worker_lock, %(now)s, '', '' FROM claimed){_SPEND if paced else ""}
SELECT claimed.*, c.id, c.party_id, c.subject, c.language, c.body_blob_id, p.id, p.key, p.name
FROM claimed JOIN communication c ON c.id = claimed.communication_id JOIN party p ON p.id = c.party_id
"""


_NEW_FIRST, _AGAIN_FIRST = ("next_run", "first_run", "again"), ("again", "next_run", "first_run")
_CLAIM = {
    (again, paced): _statement(_AGAIN_FIRST if again else _NEW_FIRST, paced=paced)
    for again in (False, True)
    for paced in (False, True)
}
_WAITS = f"""
SELECT EXISTS (SELECT 1 FROM delivery WHERE {_READY} AND attempts = 0)
    OR EXISTS (SELECT 1 FROM delivery WHERE {_READY} AND attempts > 0 AND next_attempt_at <= %(now)s)
"""
#: By the index of (state, changed_at). Hosts of which one goes a second or two before the other are no reason to write.
_SET_RIGHT = """
UPDATE delivery SET next_attempt_at = %(now)s + greatest(next_attempt_at - changed_at, interval '0'),
  changed_at = %(now)s
WHERE id IN (SELECT id FROM delivery WHERE state = 'ready' AND changed_at > %(now)s + interval '2 seconds'
             AND attempts > 0 ORDER BY changed_at DESC LIMIT 5000 FOR UPDATE SKIP LOCKED)
"""
_DELIVERY = ("id", "communication_id", "party_id", "run_id", "record_id", "destination_id", "channel", "address",
             "state", "attempts", "key", "worker_lock", "priority")  # fmt: skip
_COMMUNICATION = ("id", "party_id", "subject", "language", "body_blob_id")
_PARTY = ("id", "key", "name")

#: So long a worker itself waits for the next token; for longer a wake-up is left, and the worker serves others.
_PATIENCE = 1.0
#: Where nobody had a turn yet: behind every run, so that the first one is next.
_BEHIND_ALL = uuid.UUID(int=(1 << 128) - 1)


@dataclass(slots=True)
class _Turn:
    """Whose turn it was at a destination, as this thread saw it. Each thread goes round by itself, so nothing has to
    be kept in step: whoever goes round evenly is fair, and so are many of them together."""

    after: uuid.UUID = field(default=_BEHIND_ALL)
    again: bool = False


_LOCAL = threading.local()


def claim(destination_key: str, worker_lock: int) -> Delivery | None:
    """Take the next due delivery: state, attempt and key are committed before anything is sent.

    None when nothing is due, or when the destination has had its share for now: then it is woken when there is more.
    Columns that a letter does not need are loaded when somebody asks for them.
    """
    turns: dict[str, _Turn] = _LOCAL.__dict__.setdefault("turns", {})
    turn = turns.setdefault(destination_key, _Turn())
    pace = pace_of(destination_key)
    if not pace.limited:
        return _take(destination_key, worker_lock, turn)
    found, wait = _at_pace(destination_key, worker_lock, turn, pace)
    if found is None and 0 < wait <= _PATIENCE:
        time.sleep(wait)
        found, wait = _at_pace(destination_key, worker_lock, turn, pace)
    if found is None and wait:
        # A little early, since a wake-up is seen up to a second late; the rest is waited for above.
        wake_in(destination_key, max(0.0, wait - _PATIENCE))
    return found


def _at_pace(key: str, worker_lock: int, turn: _Turn, pace: Pace) -> tuple[Delivery | None, float]:
    """The delivery, or None and the seconds until there is a token (0: nobody waits for one).

    The bucket's row is held to the end of the claim, so that letters under way are counted by one worker at a time.
    """
    with transaction.atomic():
        tokens = fill(key, pace)
        if not pace.rate or tokens >= 1:
            return _take(key, worker_lock, turn, pace), 0.0
        wait = (1 - tokens) / pace.rate
    return None, wait if waits(key) else 0.0


def _take(key: str, worker_lock: int, turn: _Turn, pace: Pace | None = None) -> Delivery | None:
    values: dict[str, Any] = {
        "destination": key,
        "worker": worker_lock,
        "now": clock.now(),
        "after": turn.after,
        "parallel": (pace.parallel if pace else 0) or (1 << 31),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM[turn.again, pace is not None], values)
        row = cursor.fetchone()
    if row is None:
        turn.after, turn.again = _BEHIND_ALL, False
        return None
    cells = iter(row)
    delivery = Delivery.from_db(connection.alias, _DELIVERY, [next(cells) for _ in _DELIVERY])
    communication = Communication.from_db(connection.alias, _COMMUNICATION, [next(cells) for _ in _COMMUNICATION])
    communication.party = Party.from_db(connection.alias, _PARTY, [next(cells) for _ in _PARTY])
    delivery.communication = communication
    first = delivery.attempts == 1
    turn.again = first
    if first:
        turn.after = delivery.run_id or NO_RUN
    return delivery


def set_waits_right() -> int:
    """Waits that were reckoned by a clock that went ahead begin anew, each as long as it was meant to be. How many.

    A try is put off by some seconds from the moment of the last one. When that moment is still to come, the clock has
    been put back since, or the host that wrote it goes ahead: nobody waits for the difference.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SET_RIGHT, {"now": clock.now()})
        return int(cursor.rowcount)


def waits(destination_key: str) -> bool:
    """Whether a delivery of the destination is due."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, {"destination": destination_key, "now": clock.now()})
        return bool(cursor.fetchone()[0])
