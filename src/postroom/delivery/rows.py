"""The delivery rows of a chunk, written by COPY in the transaction that commits its documents."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from postroom.delivery.determine import Choice
from postroom.delivery.models import READY, Delivery
from postroom.kernel.ids import new_id
from postroom.kernel.rows import copy_rows


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where each kind of channel reaches a party."""

    party_id: uuid.UUID
    key: str
    email: str

    def address(self, channel: str) -> str:
        return self.email if channel == "email" else self.key


@dataclass(slots=True)
class DeliveryRows:
    """Collects deliveries; ``write`` sends them inside the caller's transaction."""

    at: dt.datetime
    channels: dict[str, str]
    used: set[str] = field(default_factory=set)
    made: list[uuid.UUID] = field(default_factory=list)
    _rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(
        self,
        communication_id: uuid.UUID,
        recipient: Recipient,
        choice: Choice,
        *,
        run_id: uuid.UUID | None = None,
        record_id: uuid.UUID | None = None,
        fallback_for: uuid.UUID | None = None,
    ) -> None:
        """One delivery per chosen destination. Fallbacks belong to the last, the one that has to arrive."""
        explanation = json.dumps(choice.explanation)
        for destination in choice.destinations:
            last = destination == choice.destinations[-1]
            channel = self.channels[destination]
            delivery_id = new_id()
            self.made.append(delivery_id)
            self.used.add(destination)
            self._rows.append(
                (
                    delivery_id,
                    communication_id,
                    recipient.party_id,
                    run_id,
                    record_id,
                    destination,
                    channel,
                    recipient.address(channel),
                    READY,
                    0,
                    "",
                    "",
                    explanation,
                    json.dumps(list(choice.fallbacks) if last else []),
                    fallback_for,
                    0,
                    "",
                    self.at,
                    self.at,
                    self.at,
                )
            )

    def write(self) -> None:
        """COPY the rows and count them in the tallies of their runs."""
        runs = Counter(row[3] for row in self._rows if row[3] is not None)
        with connection.cursor() as cursor:
            for run_id, created in sorted(runs.items()):
                cursor.execute(
                    "INSERT INTO delivery_tally (run_id, created) VALUES (%s, %s)"
                    " ON CONFLICT (run_id) DO UPDATE SET created = delivery_tally.created + EXCLUDED.created",
                    (run_id, created),
                )
        copy_rows(
            Delivery,
            (
                "id",
                "communication_id",
                "party_id",
                "run_id",
                "record_id",
                "destination_id",
                "channel",
                "address",
                "state",
                "truth",
                "code",
                "reason",
                "explanation",
                "fallbacks",
                "fallback_for",
                "attempts",
                "key",
                "next_attempt_at",
                "created_at",
                "changed_at",
            ),
            self._rows,
        )
