"""Deliveries by the ten thousand, written by one statement: what claiming has to look through."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection

from postroom.kernel import clock
from postroom.kernel.ids import new_id

_ROWS = """
INSERT INTO delivery (id, communication_id, party_id, run_id, destination_id, channel, address, state, truth, code,
  reason, explanation, fallbacks, attempts, key, priority, next_attempt_at, created_at, changed_at)
SELECT (lpad(to_hex(%(first)s + n), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(letter)s,
  %(party)s, %(run)s, %(destination)s, 'null', 'C-1', %(state)s, 0, '', '', '{}', '[]', %(attempts)s, '', %(priority)s,
  %(due)s, %(now)s, %(now)s
FROM generate_series(1, %(count)s) AS n
"""


def letter() -> tuple[uuid.UUID, uuid.UUID]:
    """A party and a communication to it, which any number of deliveries may share."""
    from postroom.documents.models import Communication
    from postroom.parties.models import Party

    party = Party.objects.create(
        id=new_id(), key=f"C-{new_id()}", name="Ada", created_at=clock.now(), updated_at=clock.now()
    )
    made = Communication.objects.create(
        id=new_id(), party=party, subject="Invoice", language="en", created_at=clock.now()
    )
    return party.pk, made.pk


def destination(key: str, **config: Any) -> str:
    """A destination of no real channel."""
    from postroom.delivery import pace
    from postroom.delivery.models import Destination

    Destination.objects.update_or_create(key=key, defaults={"channel": "null", "config": config})
    pace.forget_paces()
    return key


_first = 0


def backlog(
    to: str,
    count: int,
    *,
    run: uuid.UUID | None = None,
    priority: int = 0,
    state: str = "ready",
    attempts: int = 0,
    due: Any = None,
    shared: tuple[uuid.UUID, uuid.UUID] | None = None,
) -> None:
    """``count`` deliveries to the destination ``to``."""
    global _first
    party, made = shared or letter()
    values: dict[str, Any] = {
        "first": _first,
        "letter": made,
        "party": party,
        "run": run,
        "destination": to,
        "state": state,
    }
    values |= {"attempts": attempts, "priority": priority, "due": due or clock.now(), "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {**values, "count": count})
    _first += count


def analyse() -> None:
    """What autovacuum would have done by then."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE delivery")
