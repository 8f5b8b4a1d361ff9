"""Following a run until it is settled."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError, connection

from postroom.delivery.models import READY, Delivery
from postroom.kernel import database
from postroom.kernel.errors import PostroomError, Unavailable
from postroom.kernel.home import home
from postroom.production.balance import Balance, balance
from postroom.production.models import SETTLED, Run
from postroom.production.settling import settle_run

#: How long the database may be away before whoever waits is told.
_PATIENCE = 120.0


def follow(run_id: uuid.UUID, interval: float = 0.25) -> Iterator[Balance]:
    """The balance now and then, last when the run is settled. A database that goes away for a while is waited for."""
    away_since = 0.0
    while True:
        try:
            settle_run(run_id)
            settled = Run.objects.values_list("state", flat=True).get(pk=run_id) == SETTLED
            counted = balance(run_id)
            away_since = 0.0
        except (OperationalError, InterfaceError) as error:
            connection.close()
            away_since = away_since or time.monotonic()
            if time.monotonic() - away_since > _PATIENCE:
                raise Unavailable(
                    f"The database has been away for {_PATIENCE:g} s: {error}",
                    hint="Start it again; the run goes on where it was.",
                ) from error
            time.sleep(1)
            with contextlib.suppress(PostroomError):  # an embedded one that was killed is started again
                database.start(home())
            continue
        yield counted
        if settled:
            return
        time.sleep(interval)


def waiting_for(run_id: uuid.UUID) -> str:
    """Why deliveries of the run wait, in one sentence; "" when none does."""
    waiting = Delivery.objects.filter(run_id=run_id, state=READY, code="deferred")
    first = waiting.order_by("next_attempt_at").values_list("destination_id", "reason", "next_attempt_at").first()
    if first is None:
        return ""
    destination, reason, due = first
    return f"{waiting.count()} deliveries by {destination} are tried again at {due:%H:%M:%S} UTC: {reason}"
