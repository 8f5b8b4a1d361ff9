"""Taking the next due delivery of a destination (P4): the intent is committed before anything is sent."""

from __future__ import annotations

from django.db import connection

from postroom.delivery.models import Delivery
from postroom.documents.models import Communication
from postroom.kernel import clock
from postroom.parties.models import Party

#: One statement, so one transaction: the claim, its attempt, and what a letter needs to know. Written by hand because
#: it runs once for each message, and the ORM's five queries took as long as the mail server.
_CLAIM = """
WITH due AS (
  SELECT id FROM delivery WHERE destination_id = %(destination)s AND state = 'ready' AND next_attempt_at <= %(now)s
  ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED),
claimed AS (
  UPDATE delivery d SET state = 'sending', attempts = d.attempts + 1, worker_lock = %(worker)s, changed_at = %(now)s,
    key = replace(d.id::text, '-', '') || '-' || (d.attempts + 1)
  FROM due WHERE d.id = due.id
  RETURNING d.id, d.communication_id, d.party_id, d.run_id, d.record_id, d.destination_id, d.channel, d.address,
    d.state, d.attempts, d.key, d.worker_lock),
noted AS (
  INSERT INTO delivery_attempt (delivery_id, no, key, worker_lock, started_at, outcome, answer)
  SELECT id, attempts, key, worker_lock, %(now)s, '', '' FROM claimed)
SELECT claimed.*, c.id, c.party_id, c.subject, c.language, c.body_blob_id, p.id, p.key, p.name
FROM claimed JOIN communication c ON c.id = claimed.communication_id JOIN party p ON p.id = c.party_id
"""
_DELIVERY = ("id", "communication_id", "party_id", "run_id", "record_id", "destination_id", "channel", "address",
             "state", "attempts", "key", "worker_lock")  # fmt: skip
_COMMUNICATION = ("id", "party_id", "subject", "language", "body_blob_id")
_PARTY = ("id", "key", "name")


def claim(destination_key: str, worker_lock: int) -> Delivery | None:
    """Take the next due delivery: state, attempt and key are committed before anything is sent.

    Columns that a letter does not need are loaded when somebody asks for them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"destination": destination_key, "worker": worker_lock, "now": clock.now()})
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    delivery = Delivery.from_db(connection.alias, _DELIVERY, [next(values) for _ in _DELIVERY])
    communication = Communication.from_db(connection.alias, _COMMUNICATION, [next(values) for _ in _COMMUNICATION])
    communication.party = Party.from_db(connection.alias, _PARTY, [next(values) for _ in _PARTY])
    delivery.communication = communication
    return delivery
