"""What the rows tell, in a bounded number of questions: nothing here counts what has ended, however much that is.

What is open is counted exactly, over the partial indexes that workers use. Settled runs and ended deliveries are never
walked: the newest runs' balances are kept rows, and flows are counted by the processes themselves (kernel.meters).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from postroom.composition.models import ALARM_KINDS
from postroom.kernel import clock
from postroom.kernel.liveness import LOCK_CLASS
from postroom.kernel.meters import OTHER, label
from postroom.production.balance import RECORD_BUCKETS, balances
from postroom.project.worker import ROLES

#: A metric's name without ``postroom_``, its label values, its value.
Sample = tuple[str, tuple[str, ...], float]

#: Runs whose balance is asked for: the newest of the open ones and of all.
NEWEST = 50
#: Codes told apart; what templates name beyond that is told together.
MOST_CODES = 60
_PATIENCE_MS = 10_000
_STALLED = "30 seconds"

_RUNS = """
SELECT state, count(*) FROM run WHERE state <> 'settled' GROUP BY state
UNION ALL SELECT 'settled', count(*) FROM (SELECT 1 FROM run WHERE state = 'settled' LIMIT 100000) AS ended
"""
_NEWEST = f"""
(SELECT id, true FROM run WHERE state <> 'settled' ORDER BY started_at DESC LIMIT {NEWEST})
UNION (SELECT id, state <> 'settled' FROM run ORDER BY started_at DESC LIMIT {NEWEST})
"""  # noqa: S608
_QUEUES = """
SELECT d.key, d.channel, q.ready, q.oldest FROM destination d LEFT JOIN (
  SELECT destination_id, count(*) AS ready, min(next_attempt_at) AS oldest
  FROM delivery WHERE state = 'ready' GROUP BY destination_id) q ON q.destination_id = d.key
"""
_WAITING = """
SELECT channel, state, count(*) FROM delivery WHERE state IN ('sending', 'sent', 'held', 'in_doubt') GROUP BY 1, 2
"""
_SET_ASIDE = "SELECT code, count(*) FROM run_set_aside WHERE resolved_at IS NULL GROUP BY code ORDER BY 2 DESC"
_TASKS = f"""
SELECT j.queue_name, CASE WHEN j.status = 'todo' THEN 'waiting' WHEN j.status = 'failed' THEN 'failed'
    WHEN w.id IS NULL OR w.last_heartbeat < now() - interval '{_STALLED}' THEN 'stalled' ELSE 'doing' END, count(*)
FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
WHERE j.status IN ('todo', 'doing', 'failed') GROUP BY 1, 2
"""  # noqa: S608
_WORKERS = """
SELECT w.roles, count(*) FROM worker w JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted
  AND l.classid = %s AND l.objid::bigint = w.lock
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
GROUP BY w.roles
"""
_FINDINGS = "SELECT kind, count(*) FROM template_alarm WHERE acknowledged_at IS NULL GROUP BY kind"
_SEGMENTS = """
SELECT CASE WHEN store NOT IN ('local', 'destroyed') THEN 'stored' WHEN sealed_at IS NULL THEN 'open'
    ELSE 'not_uploaded' END, count(*) FROM vault_segment WHERE store <> 'destroyed' GROUP BY 1
"""
_LEDGER = """
SELECT coalesce((SELECT max(seq) FROM ledger_entry), 0), coalesce((SELECT max(size) FROM ledger_checkpoint), 0),
  (SELECT at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1)
"""


def samples() -> list[Sample]:
    """All of it, from one moment's view of patience: a database that is slow answers with an error, not for ever."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(_PATIENCE_MS)])
        return [sample for part in PARTS for sample in part(cursor)]


def _runs(cursor: Any) -> Iterator[Sample]:
    for state, number in _rows(cursor, _RUNS):
        yield "runs", (state,), number
    newest = dict(_rows(cursor, _NEWEST))
    records: Counter[str] = Counter(dict.fromkeys(RECORD_BUCKETS, 0))
    missing = {"records": 0, "deliveries": 0}
    if newest:
        for run_id, counted in balances(list(newest)).items():
            missing["records"] += abs(counted.records_difference)
            missing["deliveries"] += abs(counted.deliveries_difference)
            if newest[run_id]:
                records.update(counted.records)
    for state, number in records.items():
        yield "run_records", (state,), number
    for kind, number in missing.items():
        yield "balance_difference", (kind,), number


def _deliveries(cursor: Any) -> Iterator[Sample]:
    now = clock.now()
    waiting: Counter[tuple[str, str]] = Counter()
    for key, channel, ready, oldest in _rows(cursor, _QUEUES):
        late = (now - oldest).total_seconds() if oldest else 0.0
        waiting[label(channel), "ready"] += ready or 0
        yield "delivery_queue", (label(key),), ready or 0
        yield "delivery_oldest_due_seconds", (label(key),), max(0.0, late)
    for channel, state, number in _rows(cursor, _WAITING):
        waiting[label(channel), state] += number
    for channel in {channel for channel, _ in waiting}:
        for state in ("ready", "sending", "sent", "held", "in_doubt"):
            yield "deliveries", (channel, state), waiting[channel, state]


def _set_aside(cursor: Any) -> Iterator[Sample]:
    codes: Counter[str] = Counter()
    for place, (code, number) in enumerate(_rows(cursor, _SET_ASIDE)):
        codes[label(code) if place < MOST_CODES else OTHER] += number
    for code, number in codes.items():
        yield "set_aside", (code,), number


def _tasks(cursor: Any) -> Iterator[Sample]:
    for queue, state, number in _rows(cursor, _TASKS):
        yield "tasks", (label(queue), state), number


def _workers(cursor: Any) -> Iterator[Sample]:
    living: Counter[str] = Counter(dict.fromkeys(ROLES, 0))
    for roles, number in _rows(cursor, _WORKERS, [LOCK_CLASS]):
        for role in roles.split(","):
            served = role.partition(":")[0]  # deliver:email
            if served in living:
                living[served] += number
    for role, number in living.items():
        yield "workers", (role,), number


def _findings(cursor: Any) -> Iterator[Sample]:
    standing = Counter(dict.fromkeys(ALARM_KINDS, 0)) + Counter(dict(_rows(cursor, _FINDINGS)))
    for kind in ALARM_KINDS:
        yield "findings", (kind,), standing[kind]


def _vault(cursor: Any) -> Iterator[Sample]:
    found = dict(_rows(cursor, _SEGMENTS))
    for place in ("open", "not_uploaded", "stored"):
        yield "vault_segments", (place,), found.get(place, 0)
    yield "disk_reserve_bytes", (), settings.CONFIG.disk_reserve


def _ledger(cursor: Any) -> Iterator[Sample]:
    entries, signed, at = _rows(cursor, _LEDGER)[0]
    yield "ledger_entries", (), entries
    yield "ledger_unsigned_entries", (), max(0, entries - signed)
    if at is not None:
        age: dt.timedelta = clock.now() - at
        yield "ledger_checkpoint_age_seconds", (), max(0.0, age.total_seconds())


def _rows(cursor: Any, statement: str, values: list[Any] | None = None) -> list[Any]:
    cursor.execute(statement, values)
    found: list[Any] = cursor.fetchall()
    return found


PARTS = (_runs, _deliveries, _set_aside, _tasks, _workers, _findings, _vault, _ledger)
