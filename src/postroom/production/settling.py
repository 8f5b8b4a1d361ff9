"""A run is settled when nothing is in progress any more (P3)."""

from __future__ import annotations

import uuid

from django.db import connection, transaction

from postroom.kernel import clock, notices
from postroom.ledger.append import Act, append
from postroom.production.balance import balance, keep
from postroom.production.dataout import want
from postroom.production.models import CLOSED, SETTLED, WORKING, Run

#: Cheap first look by partial indexes, before the rows are counted.
_MOVING = """
SELECT EXISTS (SELECT 1 FROM run_chunk WHERE run_id = %(run)s AND state <> 'done')
    OR EXISTS (SELECT 1 FROM delivery WHERE run_id = %(run)s AND state IN ('ready', 'sending', 'sent'))
"""


def settle_run(run_id: uuid.UUID) -> bool:
    """Mark the run settled if it is. Whether it is settled now."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVING, {"run": run_id})
        if cursor.fetchone()[0]:
            return False
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state == SETTLED:
            return True
        if run.held_at or run.gate == CLOSED:  # what a person keeps back is not settled, though nothing moves
            return False
        counted = balance(run_id)
        if run.state != WORKING or counted.in_progress:
            return False
        run.state, run.settled_at = SETTLED, clock.now()
        run.save(update_fields=["state", "settled_at"])
        keep(run_id)
        want(run, "system:production")
        append("system:production", [Act("run.settled", "run", run_id, counted.as_json(run.ref))])
        notices.tell(notices.RUNS, *notices.of_run(run_id))
    return True
