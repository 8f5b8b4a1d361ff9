"""The delivery rows of a chunk, written by COPY in the transaction that commits its documents."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection

from postroom.delivery.determine import Choice
from postroom.delivery.models import READY, URGENT, Delivery
from postroom.kernel.ids import new_id
from postroom.kernel.rows import NULL, copy_lines, line, moment, text


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
    priority: int = 0
    """Of the run. What belongs to none was asked for by somebody who waits for it, and is urgent."""
    used: set[str] = field(default_factory=set)
    made: list[uuid.UUID] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _of_runs: Counter[uuid.UUID] = field(default_factory=Counter)
    _told: dict[int, tuple[Choice, str]] = field(default_factory=dict)

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
        explanation, at = self._explanation(choice), moment(self.at)
        for destination in choice.destinations:
            last = destination == choice.destinations[-1]
            channel = self.channels[destination]
            delivery_id = new_id()
            self.made.append(delivery_id)
            self.used.add(destination)
            if run_id is not None:
                self._of_runs[run_id] += 1
            self._lines.append(
                line(
                    delivery_id.hex,
                    communication_id.hex,
                    recipient.party_id.hex,
                    _id(run_id),
                    _id(record_id),
                    text(destination),
                    text(channel),
                    text(recipient.address(channel)),
                    READY,
                    0,
                    "",
                    "",
                    explanation,
                    text(json.dumps(choice.fallbacks)) if last and choice.fallbacks else "[]",
                    _id(fallback_for),
                    0,
                    "",
                    self.priority if run_id else URGENT,
                    at,
                    at,
                    at,
                )
            )

    def _explanation(self, choice: Choice) -> str:
        """Records that are alike share one choice: it is written down once. The choice is kept, so is its id."""
        told = self._told.get(id(choice))
        if told is None:
            told = self._told[id(choice)] = choice, text(json.dumps(choice.explanation))
        return told[1]

    def write(self) -> None:
        """COPY the rows and count them in the tallies of their runs."""
        with connection.cursor() as cursor:
            for run_id, created in sorted(self._of_runs.items()):
                cursor.execute(
                    "INSERT INTO delivery_tally (run_id, created) VALUES (%s, %s)"
                    " ON CONFLICT (run_id) DO UPDATE SET created = delivery_tally.created + EXCLUDED.created",
                    (run_id, created),
                )
        copy_lines(
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
                "priority",
                "next_attempt_at",
                "created_at",
                "changed_at",
            ),
            self._lines,
        )


def _id(value: uuid.UUID | None) -> str:
    return NULL if value is None else value.hex
