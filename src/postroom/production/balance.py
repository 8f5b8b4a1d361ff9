"""P3, conservation: two balances, each zero at every moment, counted from the rows themselves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

#: A record is completed when all its deliveries are terminal and at least one is delivered; otherwise its worst
#: delivery names its state. A delivery in doubt waits for a person, so its record counts as held.
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
       CASE WHEN r.state = 'waiting' THEN 'in_progress'
            WHEN r.state <> 'composed' THEN r.state
            WHEN o.record_id IS NULL THEN 'in_progress'
            WHEN o.moving THEN 'in_progress'
            WHEN o.waiting THEN 'held'
            WHEN o.arrived THEN 'completed'
            WHEN o.failed THEN 'failed'
            WHEN o.suppressed THEN 'suppressed'
            WHEN o.cancelled THEN 'cancelled'
            ELSE 'superseded' END AS bucket,
       count(*)
FROM run_record r LEFT JOIN outcome o ON o.run_id = r.run_id AND o.record_id = r.id
WHERE r.run_id = ANY(%(runs)s) GROUP BY 1, 3
UNION ALL
SELECT run_id, 'delivery', CASE WHEN state IN ('ready', 'sending', 'sent') THEN 'in_progress' ELSE state END, count(*)
FROM delivery WHERE run_id = ANY(%(runs)s) GROUP BY 1, 3
UNION ALL SELECT id, 'received', '', received FROM run WHERE id = ANY(%(runs)s)
UNION ALL SELECT run_id, 'created', '', created FROM delivery_tally WHERE run_id = ANY(%(runs)s)
UNION ALL SELECT run_id, 'documents', '', count(*) FROM document WHERE run_id = ANY(%(runs)s) GROUP BY 1
"""

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
    """The balances of some runs at one moment, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"runs": list(run_ids)})
        counted: dict[uuid.UUID, dict[str, dict[str, int]]] = {}
        for run_id, kind, bucket, number in cursor.fetchall():
            counted.setdefault(run_id, {}).setdefault(kind, {})[bucket] = number
    return {run_id: _balance(counted.get(run_id, {})) for run_id in run_ids}


def _balance(counted: dict[str, dict[str, int]]) -> Balance:
    records, deliveries = counted.get("record", {}), counted.get("delivery", {})
    return Balance(
        received=counted.get("received", {}).get("", 0),
        records={bucket: records.get(bucket, 0) for bucket in RECORD_BUCKETS},
        created=counted.get("created", {}).get("", 0),
        deliveries={bucket: deliveries.get(bucket, 0) for bucket in DELIVERY_BUCKETS},
        documents=counted.get("documents", {}).get("", 0),
    )
