"""Writing down what follows from an outcome. Every way a try can end goes through ``settle``, in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from postroom.delivery.decide import BY_PERSON, Change, Plan, decide
from postroom.delivery.determine import Choice, destinations
from postroom.delivery.models import Delivery
from postroom.delivery.rows import DeliveryRows, Recipient
from postroom.delivery.spec import Outcome, Truth
from postroom.delivery.wake import wake
from postroom.kernel import clock, notices
from postroom.ledger.append import Act, append
from postroom.parties.models import Suppression

#: By hand, since each runs once for each message; the ORM would take longer to write them than PostgreSQL to run them.
#: What is not among the columns is loaded when somebody asks for it. They stand in the model's order, as ``from_db``
#: takes them.
_COLUMNS = ("id", "communication_id", "party_id", "run_id", "record_id", "destination_id", "channel", "address",
            "state", "truth", "code", "reason", "attempts", "key", "worker_lock", "priority",
            "next_attempt_at")  # fmt: skip
_LOCK = f"SELECT {', '.join(_COLUMNS)} FROM delivery WHERE id = %s FOR UPDATE"  # noqa: S608
_END_ATTEMPT = "UPDATE delivery_attempt SET ended_at = %s, outcome = %s, answer = %s WHERE key = %s"
_NOTE_STATE = (
    "UPDATE delivery SET state = %s, truth = %s, code = %s, reason = %s, worker_lock = NULL, next_attempt_at = %s,"
    " changed_at = %s WHERE id = %s"
)
_HOLD = "UPDATE delivery SET state = 'held', code = %s, reason = %s WHERE id = %s AND state IN ('ready', 'held')"
_RECEIPT = "INSERT INTO delivery_receipt (delivery_id, truth, at, source, detail) VALUES (%s, %s, %s, %s, %s)"
_RELEASE = "UPDATE communication SET released_at = %s WHERE id = %s AND released_at IS NULL"


def settle(
    delivery: Delivery, outcome: Outcome, final: Truth, actor: str = "system:deliver", *, askable: bool = False
) -> bool:
    """Commit ``outcome`` of the present attempt. False when the attempt is not the present one any more.

    An unknown outcome of a receiver that is ``askable`` stays ``sending`` without a worker until ``recover`` asks.
    """
    now = clock.now()
    plan = Plan(final, askable, settings.CONFIG.retry_delays, settings.CONFIG.take_over_delay)
    with transaction.atomic():
        row = _locked(delivery.pk)
        change = decide(row, delivery.key, outcome, now, plan)
        if change is None:
            return False
        append(actor, _written(row, change, now))
        notices.tell(notices.DELIVERIES, *notices.of_run(row.run_id))
    return True


def _written(row: Delivery, change: Change, now: dt.datetime) -> list[Act]:
    _execute(_END_ATTEMPT, now, change.outcome, change.answer, row.key)
    acts = [Act(change.act, "delivery", row.pk, dict(change.facts))]
    if change.receipt:
        _execute(_RECEIPT, row.pk, change.truth, now, row.channel, change.answer)
        _execute(_RELEASE, now, row.communication_id)
    if change.suppress:
        Suppression.objects.get_or_create(
            channel=row.channel,
            address=row.address,
            lifted_at=None,
            defaults={"reason": change.code, "created_at": now},
        )
    if change.fall_back:
        acts.append(_fall_back(row, change.code, now, held=change.hold_fallback))
    if change.wake:
        wake(row.destination_id, at=change.next_attempt_at, priority=row.priority)
    noted = (change.state, change.truth, change.code, change.reason, change.next_attempt_at)
    _execute(_NOTE_STATE, *noted, now, row.pk)
    return acts


def _locked(delivery_id: uuid.UUID) -> Delivery:
    """The row as it is now, ours until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, (delivery_id,))
        return Delivery.from_db(connection.alias, _COLUMNS, cursor.fetchone())


def _execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _fall_back(row: Delivery, code: str, now: dt.datetime, *, held: bool) -> Act:
    """A delivery by the next destination in line, for one that failed."""
    party = row.communication.party
    rows = DeliveryRows(now, {key: channel for key, channel, _ in destinations()}, row.priority)
    why = {"why": "Fallback", "for": str(row.pk), "code": code}
    rows.add(
        row.communication_id,
        Recipient(party.pk, party.key, party.email),
        Choice((row.fallbacks[0],), tuple(row.fallbacks[1:]), why),
        run_id=row.run_id,
        record_id=row.record_id,
        fallback_for=row.pk,
    )
    rows.write()
    if held:  # as it was itself, while it was being sent
        _execute(_HOLD, BY_PERSON, row.reason, rows.made[0])
    else:
        wake(row.fallbacks[0], priority=row.priority)
    return Act("delivery.fell_back", "delivery", row.pk, {"to": row.fallbacks[0], "delivery": str(rows.made[0])})
