"""The delivery rows of a chunk, written by COPY in the transaction that commits its documents."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from postroom.delivery.determine import Choice
from postroom.delivery.models import READY, URGENT, Delivery
from postroom.kernel.rows import NULL, copy_lines, moment, new_ids, text
from postroom.ledger.postroom_verify import decision_digest_of

#: Ids drawn at once.
_DRAWN = 32


class Recipient(NamedTuple):
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
    _ids: list[uuid.UUID] = field(default_factory=list)
    _at: str = field(init=False, default="")
    _of_runs: Counter[uuid.UUID] = field(default_factory=Counter)
    _told: dict[int, tuple[Choice, str, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._at = moment(self.at)

    def add(
        self,
        communication_id: uuid.UUID,
        recipient: Recipient,
        choice: Choice,
        *,
        run_id: uuid.UUID | None = None,
        record_id: uuid.UUID | None = None,
        fallback_for: uuid.UUID | None = None,
        salt: str = "",
    ) -> None:
        """One delivery per chosen destination. Fallbacks belong to the last, the one that has to arrive.

        ``salt``: of the decision's digest in the ledger; it is kept with the explanation, for who proves it later.
        """
        explanation, at = self._written(choice)[1], self._at
        if salt:
            explanation = f'{explanation[:-1]}, "salt": "{salt}"}}'
        for destination in choice.destinations:
            last = destination == choice.destinations[-1]
            channel = self.channels[destination]
            if not self._ids:
                self._ids = new_ids(_DRAWN)
            delivery_id = self._ids.pop()
            self.made.append(delivery_id)
            self.used.add(destination)
            if run_id is not None:
                self._of_runs[run_id] += 1
            fallbacks = text(json.dumps(choice.fallbacks)) if last and choice.fallbacks else "[]"
            # in the order of ``write``; empty are the code and the reason, and later the key
            self._lines.append(
                f"{delivery_id.hex}\t{communication_id.hex}\t{recipient.party_id.hex}\t{_id(run_id)}\t{_id(record_id)}"
                f"\t{text(destination)}\t{text(channel)}\t{text(recipient.address(channel))}\t{READY}\t0\t\t"
                f"\t{explanation}\t{fallbacks}\t{_id(fallback_for)}\t0\t\t{self.priority if run_id else URGENT}"
                f"\t{at}\t{at}\t{at}"
            )

    def digest(self, choice: Choice, salt: str) -> str:
        """What the ledger keeps of the decision, as ``postroom_verify.decision_digest`` makes it again."""
        return decision_digest_of(salt, self._written(choice)[2])

    def _written(self, choice: Choice) -> tuple[Choice, str, bytes]:
        """Records that are alike share one choice: it is written down once, for its row and for its digest. The choice
        is kept, so is its id."""
        told = self._told.get(id(choice))
        if told is None:
            plain = json.dumps(choice.explanation, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            told = self._told[id(choice)] = choice, text(json.dumps(choice.explanation)), plain.encode()
        return told

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
