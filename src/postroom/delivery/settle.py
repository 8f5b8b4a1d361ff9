"""What follows from an outcome. Every way a try can end goes through ``settle``, in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from postroom.delivery import models as m
from postroom.delivery.determine import Choice
from postroom.delivery.models import Delivery, Destination
from postroom.delivery.rows import DeliveryRows, Recipient
from postroom.delivery.spec import Deferred, Outcome, Refused, Sent, Truth, Unknown
from postroom.delivery.wake import wake
from postroom.kernel import clock, notices
from postroom.ledger.append import Act, append
from postroom.parties.models import Suppression

#: A receiver's wish to be asked again later is heard up to here, in seconds.
_LONGEST_WAIT = 86400.0
#: Refusals that make further mail to the address pointless.
_DEAD_ADDRESS = frozenset({"unknown-mailbox", "bad-domain", "bad-address"})

#: By hand, since each runs once for each message; the ORM would take longer to write them than PostgreSQL to run them.
#: What is not among the columns is loaded when somebody asks for it.
_COLUMNS = ("id", "communication_id", "party_id", "run_id", "record_id", "destination_id", "channel", "address",
            "state", "truth", "code", "reason", "attempts", "key", "worker_lock", "next_attempt_at")  # fmt: skip
_LOCK = f"SELECT {', '.join(_COLUMNS)} FROM delivery WHERE id = %s FOR UPDATE"  # noqa: S608
_END_ATTEMPT = "UPDATE delivery_attempt SET ended_at = %s, outcome = %s, answer = %s WHERE key = %s"
_NOTE_STATE = (
    "UPDATE delivery SET state = %s, truth = %s, code = %s, reason = %s, worker_lock = %s, next_attempt_at = %s,"
    " changed_at = %s WHERE id = %s"
)
_RECEIPT = "INSERT INTO delivery_receipt (delivery_id, truth, at, source, detail) VALUES (%s, %s, %s, %s, %s)"
_RELEASE = "UPDATE communication SET released_at = %s WHERE id = %s AND released_at IS NULL"


def settle(
    delivery: Delivery, outcome: Outcome, final: Truth, actor: str = "system:deliver", *, askable: bool = False
) -> bool:
    """Commit ``outcome`` of the present attempt. False when the attempt is not the present one any more.

    An unknown outcome of a receiver that is ``askable`` stays ``sending`` without a worker until ``recover`` asks.
    """
    now = clock.now()
    acts: list[Act] = []
    with transaction.atomic():
        row = _locked(delivery.pk)
        if row.state != m.SENDING or row.key != delivery.key:
            return False
        _execute(_END_ATTEMPT, now, type(outcome).__name__.lower(), _words(outcome)[:4000], row.key)
        row.worker_lock = None
        if isinstance(outcome, Sent):
            _arrived(row, outcome, final, now, acts)
        elif isinstance(outcome, Deferred):
            _later(row, outcome, now, acts)
        elif isinstance(outcome, Refused):
            _came_back(row, outcome.code, outcome.reason, now, acts)
        elif askable:
            _ask_later(row, outcome, now, acts)
        else:
            _in_doubt(row, outcome, acts)
        noted = (row.state, row.truth, row.code, row.reason, row.worker_lock, row.next_attempt_at)
        _execute(_NOTE_STATE, *noted, now, row.pk)
        append(actor, acts)
        notices.tell(notices.DELIVERIES, *notices.of_run(row.run_id))
    return True


def _locked(delivery_id: uuid.UUID) -> Delivery:
    """The row as it is now, ours until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, (delivery_id,))
        return Delivery.from_db(connection.alias, _COLUMNS, cursor.fetchone())


def _execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _words(outcome: Outcome) -> str:
    return _text(outcome.answer or getattr(outcome, "reason", ""))


def _text(words: str) -> str:
    """A stranger's words, as PostgreSQL can keep them."""
    return words.replace("\x00", "\ufffd")


def _arrived(row: Delivery, outcome: Sent, final: Truth, now: dt.datetime, acts: list[Act]) -> None:
    row.state = m.DELIVERED if outcome.truth >= final else m.SENT
    row.truth, row.code, row.reason = int(outcome.truth), "", ""
    _execute(_RECEIPT, row.pk, int(outcome.truth), now, row.channel, _words(outcome))
    _execute(_RELEASE, now, row.communication_id)
    facts = {"channel": row.channel, "truth": outcome.truth.name.lower(), "attempt": row.attempts, "key": row.key}
    acts.append(Act(f"delivery.{row.state}", "delivery", row.pk, facts))


def _later(row: Delivery, outcome: Deferred, now: dt.datetime, acts: list[Act]) -> None:
    delays = settings.CONFIG.retry_delays
    if row.attempts > len(delays):
        _came_back(row, "gave-up", f"Tried {row.attempts} times; the last answer: {outcome.reason}", now, acts)
        return
    wait = outcome.retry_after if outcome.retry_after is not None else delays[row.attempts - 1]
    row.state, row.code, row.reason = m.READY, "deferred", _text(outcome.reason)
    row.next_attempt_at = now + dt.timedelta(seconds=min(max(wait, delays[row.attempts - 1]), _LONGEST_WAIT))
    acts.append(Act("delivery.deferred", "delivery", row.pk, {"attempt": row.attempts, "key": row.key}))
    wake(row.destination_id, at=row.next_attempt_at)


def _came_back(row: Delivery, code: str, reason: str, now: dt.datetime, acts: list[Act]) -> None:
    code = _text(code)[:60]
    row.state, row.code, row.reason = m.FAILED, code, _text(reason)
    acts.append(Act("delivery.failed", "delivery", row.pk, {"code": code, "attempt": row.attempts, "key": row.key}))
    if code in _DEAD_ADDRESS and row.channel == "email":
        Suppression.objects.get_or_create(
            channel=row.channel, address=row.address, lifted_at=None, defaults={"reason": code, "created_at": now}
        )
    if row.fallbacks:
        fall_back(row, now, acts)


def fall_back(row: Delivery, now: dt.datetime, acts: list[Act]) -> None:
    """A delivery by the next destination in line, for one that failed."""
    party = row.communication.party
    channels = dict(Destination.objects.values_list("key", "channel"))
    rows = DeliveryRows(now, channels)
    why = {"why": "Fallback", "for": str(row.pk), "code": row.code}
    rows.add(
        row.communication_id,
        Recipient(party.pk, party.key, party.email),
        Choice((row.fallbacks[0],), tuple(row.fallbacks[1:]), why),
        run_id=row.run_id,
        record_id=row.record_id,
        fallback_for=row.pk,
    )
    rows.write()
    wake(row.fallbacks[0])
    acts.append(Act("delivery.fell_back", "delivery", row.pk, {"to": row.fallbacks[0], "delivery": str(rows.made[0])}))


def _in_doubt(row: Delivery, outcome: Unknown, acts: list[Act]) -> None:
    row.state, row.code, row.reason = m.IN_DOUBT, "in-doubt", _text(outcome.reason)
    acts.append(Act("delivery.in_doubt", "delivery", row.pk, {"attempt": row.attempts, "key": row.key}))


def _ask_later(row: Delivery, outcome: Unknown, now: dt.datetime, acts: list[Act]) -> None:
    """Nobody may still be sending when the receiver is asked: it is asked after the take-over delay."""
    row.code, row.reason = "asking", _text(outcome.reason)
    row.next_attempt_at = now + dt.timedelta(seconds=settings.CONFIG.take_over_delay)
    acts.append(Act("delivery.unanswered", "delivery", row.pk, {"attempt": row.attempts, "key": row.key}))
