"""P3, conservation: two balances, each zero at every moment, counted from the rows themselves.

Of a settled run the count is kept, and gone with the first change of any row it was made from: the database removes it
(migration 0005), whoever changes the row. So a page shows what the rows say, and need not count 60,000 of them.
It is read only by the statement that counted it: what another version of Postroom kept is counted again.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from postroom.kernel import clock
from postroom.production.models import COMPOSED, HELD, SETTLED, WAITING, KeptBalance, Run

#: States of deliveries that go on by themselves.
_MOVING = ("ready", "sending", "sent")
#: First half of the lock's name; the second is drawn from the run. The triggers of migration 0005 use the same.
_KEEPING = 1650551905

#: A record is completed when all its deliveries are terminal and at least one is delivered; otherwise its worst
#: delivery names its state. A delivery in doubt waits for a person, so its record counts as held, and so does one
#: whose chunk is held: it waits in the row, and for a person.
#: One statement sees one snapshot.
_COUNT = """
WITH outcome AS (
  SELECT run_id, record_id,
         bool_or(state IN ('ready', 'sending', 'sent')) AS moving,
         bool_or(state IN ('held', 'in_doubt')) AS waiting,
         bool_or(state = 'delivered') AS arrived,
         bool_or(state = 'failed') AS failed,
         bool_or(state = 'suppressed') AS suppressed,
         bool_or(state = 'cancelled') AS cancelled
  FROM delivery WHERE run_id = ANY(%(runs)s) GROUP BY run_id, record_id)
SELECT r.run_id, 'record',
       CASE WHEN o.record_id IS NULL THEN 'in_progress'
            WHEN o.moving THEN 'in_progress'
            WHEN o.waiting THEN 'held'
            WHEN o.arrived THEN 'completed'
            WHEN o.failed THEN 'failed'
            WHEN o.suppressed THEN 'suppressed'
            WHEN o.cancelled THEN 'cancelled'
            ELSE 'superseded' END AS bucket,
       count(*)
FROM run_record r LEFT JOIN outcome o ON o.run_id = r.run_id AND o.record_id = r.id
WHERE r.run_id = ANY(%(runs)s) AND r.state = 'composed' GROUP BY 1, 3
UNION ALL
SELECT run_id, 'stored', state, count(*) FROM run_record WHERE run_id = ANY(%(runs)s) GROUP BY 1, 3
UNION ALL
SELECT c.run_id, 'kept_back', '', count(*) FROM run_chunk c JOIN run_record r ON r.chunk_id = c.id
WHERE c.run_id = ANY(%(runs)s) AND c.state = 'held' AND r.state = 'waiting' GROUP BY 1
UNION ALL
SELECT run_id, 'channel', concat_ws(' ', state, truth, channel), count(*)
FROM delivery WHERE run_id = ANY(%(runs)s) GROUP BY run_id, state, truth, channel
UNION ALL SELECT id, 'received', '', received FROM run WHERE id = ANY(%(runs)s)
UNION ALL SELECT run_id, 'created', '', created FROM delivery_tally WHERE run_id = ANY(%(runs)s)
UNION ALL SELECT run_id, 'documents', '', count(*) FROM document WHERE run_id = ANY(%(runs)s) GROUP BY 1
"""
#: Names the statement in what is kept. Read by the meaning of another one, a kept count would not balance.
_STATEMENT = hashlib.sha256(_COUNT.encode()).hexdigest()[:16]

RECORD_BUCKETS = ("completed", "set_aside", "suppressed", "failed", "cancelled", "superseded", "held", "in_progress")
DELIVERY_BUCKETS = (
    "delivered",
    "suppressed",
    "failed",
    "cancelled",
    "superseded",
    "held",
    "in_doubt",
    "in_progress",
)


@dataclass(frozen=True, slots=True)
class Balance:
    """Counts of one run. ``received`` was counted while reading and ``created`` while making, apart from the rows."""

    received: int
    records: dict[str, int]
    created: int
    deliveries: dict[str, int]
    documents: int
    stored: dict[str, int] = field(default_factory=dict)
    """Records by the state in their row, held ones with those of held chunks; ``records`` are by what became of
    them."""
    channels: tuple[tuple[str, str, int, int], ...] = ()
    """Deliveries by channel, state and truth, and how many."""

    @property
    def records_difference(self) -> int:
        return self.received - sum(self.records.values())

    @property
    def deliveries_difference(self) -> int:
        return self.created - sum(self.deliveries.values())

    @property
    def in_progress(self) -> bool:
        return bool(self.records["in_progress"] or self.deliveries["in_progress"])

    def as_json(self, ref: str) -> dict[str, Any]:
        """The one object ``postroom run --json`` prints."""
        return {
            "run": ref,
            "received": self.received,
            **self.records,
            "balance": self.records_difference,
            "documents": self.documents,
            "deliveries": {"created": self.created, **self.deliveries, "balance": self.deliveries_difference},
        }


def balance(run_id: uuid.UUID) -> Balance:
    """The balance of a run at this moment."""
    return balances([run_id])[run_id]


def balances(run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Balance]:
    """The balances of some runs. Those of one run belong to one moment: kept ones to now, others to the count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT run_id, counted->'rows' FROM run_balance WHERE run_id = ANY(%s) AND counted->>'by' = %s",
            (list(run_ids), _STATEMENT),
        )
        found = {run_id: _balance(_sorted_out(json.loads(counted))) for run_id, counted in cursor.fetchall()}
        found |= _counted_now(cursor, [run_id for run_id in run_ids if run_id not in found])
    return {run_id: found[run_id] for run_id in run_ids}


def keep(run_id: uuid.UUID) -> bool:
    """Keep the balance of a settled run, inside the caller's transaction. Whether it is kept now.

    The lock is the one that whoever changes its rows holds until they commit (migration 0005). It is not waited for:
    while somebody changes rows, there is nothing to keep.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s) & 1023)", (_KEEPING, str(run_id)))
        if not cursor.fetchone()[0] or not Run.objects.filter(pk=run_id, state=SETTLED).exists():
            return False
        counted = json.dumps({"by": _STATEMENT, "rows": _rows(cursor, [run_id])[run_id]})
        cursor.execute(
            "INSERT INTO run_balance (run_id, counted, kept_at) VALUES (%s, %s, %s) ON CONFLICT (run_id)"
            " DO UPDATE SET counted = EXCLUDED.counted, kept_at = EXCLUDED.kept_at",
            (run_id, counted, clock.now()),
        )
    return True


def keep_forgotten(most: int = 20) -> None:
    """Keep the balances of settled runs that have none of this version: counted by another, or changed since."""
    good = KeptBalance.objects.filter(counted__by=_STATEMENT).values("run_id")
    found = Run.objects.filter(state=SETTLED).exclude(pk__in=good).order_by("-started_at")
    for run_id in list(found.values_list("pk", flat=True)[:most]):
        with transaction.atomic():
            keep(run_id)


def drifted() -> list[str]:
    """Runs whose kept balance is not what their rows say: there is none, ever (P3). For tests and those who doubt."""
    kept = {row.run_id: row for row in KeptBalance.objects.filter(counted__by=_STATEMENT).select_related("run")}
    with connection.cursor() as cursor:
        counted = _counted_now(cursor, list(kept))
    told = {run_id: _balance(_sorted_out(row.counted["rows"])) for run_id, row in kept.items()}
    return [
        f"{row.run.ref}: kept {told[run_id]}, counted {counted[run_id]}"
        for run_id, row in kept.items()
        if told[run_id] != counted[run_id]
    ]


def _counted_now(cursor: Any, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Balance]:
    rows = _rows(cursor, run_ids) if run_ids else {}
    return {run_id: _balance(_sorted_out(rows[run_id])) for run_id in run_ids}


def _rows(cursor: Any, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[tuple[str, str, int]]]:
    """What the statement counts, by run, in one snapshot."""
    cursor.execute(_COUNT, {"runs": list(run_ids)})
    found: dict[uuid.UUID, list[tuple[str, str, int]]] = {}
    for run_id, kind, bucket, number in cursor.fetchall():
        found.setdefault(run_id, []).append((kind, bucket, number))
    if missing := [run_id for run_id in run_ids if run_id not in found]:
        # Each run has a row at least, of what it received. An empty count would be kept, and read as balanced.
        raise RuntimeError(f"the count of runs says nothing of {missing[0]!r}: it takes the UUIDs of runs there are")
    return found


def _sorted_out(rows: Sequence[Sequence[Any]]) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {}
    for kind, bucket, number in rows:
        counted.setdefault(kind, {})[bucket] = number
    return counted


def _balance(counted: dict[str, dict[str, int]]) -> Balance:
    stored = {**counted.get("stored", {})}
    if kept_back := counted.get("kept_back", {}).get("", 0):
        stored[WAITING] -= kept_back
        stored[HELD] = stored.get(HELD, 0) + kept_back
    records = {**counted.get("record", {})}
    for state, number in stored.items():
        if state != COMPOSED:
            bucket = "in_progress" if state == WAITING else state
            records[bucket] = records.get(bucket, 0) + number
    channels, deliveries = [], dict.fromkeys(DELIVERY_BUCKETS, 0)
    for key, number in counted.get("channel", {}).items():
        state, truth, channel = key.split(" ", 2)
        channels.append((channel, state, int(truth), number))
        bucket = "in_progress" if state in _MOVING else state
        if bucket in deliveries:
            deliveries[bucket] += number
    return Balance(
        received=counted.get("received", {}).get("", 0),
        records={bucket: records.get(bucket, 0) for bucket in RECORD_BUCKETS},
        created=counted.get("created", {}).get("", 0),
        deliveries=deliveries,
        documents=counted.get("documents", {}).get("", 0),
        stored=stored,
        channels=tuple(sorted(channels)),
    )
