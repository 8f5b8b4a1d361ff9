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
from postroom.kernel import packed
from postroom.kernel.packed import copy_packed, ident, text
from postroom.kernel.rows import new_ids
from postroom.ledger.postroom_verify import decision_digest_of

#: Ids drawn at once.
_DRAWN = 32
#: First what the deliveries to one destination have in common.
_COLUMNS = (
    "destination_id",
    "channel",
    "state",
    "truth",
    "code",
    "reason",
    "attempts",
    "key",
    "id",
    "communication_id",
    "party_id",
    "run_id",
    "record_id",
    "address",
    "explanation",
    "fallbacks",
    "fallback_for",
    "priority",
    "next_attempt_at",
    "created_at",
    "changed_at",
)
_EMPTY, _NONE = text(""), packed.json(b"[]")


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
    _rows: list[bytes] = field(default_factory=list)
    _ids: list[uuid.UUID] = field(default_factory=list)
    _beginning: dict[str, bytes] = field(default_factory=dict)
    _end: tuple[bytes, bytes] = field(init=False, default=(b"", b""))
    _of_runs: Counter[uuid.UUID] = field(default_factory=Counter)
    _told: dict[int, tuple[Choice, bytes, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        moments = packed.moment(self.at) * 3
        self._end = packed.small(URGENT) + moments, packed.small(self.priority) + moments

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
        explanation = self._written(choice)[1]
        if salt:
            explanation = b'%b, "salt": "%b"}' % (explanation[:-1], salt.encode())
        told = packed.json(explanation)
        for destination in choice.destinations:
            last = destination == choice.destinations[-1]
            if not self._ids:
                self._ids = new_ids(_DRAWN)
            delivery_id = self._ids.pop()
            self.made.append(delivery_id)
            self.used.add(destination)
            if run_id is not None:
                self._of_runs[run_id] += 1
            fallbacks = packed.json(json.dumps(choice.fallbacks).encode()) if last and choice.fallbacks else _NONE
            row = (
                *(self._begun(destination), ident(delivery_id), ident(communication_id), ident(recipient.party_id)),
                *(ident(run_id), ident(record_id), text(recipient.address(self.channels[destination]))),
                *(told, fallbacks, ident(fallback_for), self._end[run_id is not None]),
            )
            self._rows.append(b"".join(row))

    def _begun(self, destination: str) -> bytes:
        """What the rows of one destination have in common, empty code, reason and key among it."""
        begun = self._beginning.get(destination)
        if begun is None:
            channel = text(destination) + text(self.channels[destination])
            fresh = text(READY) + packed.small(0) + _EMPTY + _EMPTY + packed.whole(0) + _EMPTY
            begun = self._beginning[destination] = packed.row(len(_COLUMNS)) + channel + fresh
        return begun

    def digest(self, choice: Choice, salt: str) -> str:
        """What the ledger keeps of the decision, as ``postroom_verify.decision_digest`` makes it again."""
        return decision_digest_of(salt, self._written(choice)[2])

    def _written(self, choice: Choice) -> tuple[Choice, bytes, bytes]:
        """Records that are alike share one choice: it is written down once, for its row and for its digest. The choice
        is kept, so is its id."""
        told = self._told.get(id(choice))
        if told is None:
            plain = json.dumps(choice.explanation, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            told = self._told[id(choice)] = choice, json.dumps(choice.explanation).encode(), plain.encode()
        return told

    def write(self, *, tally: bool = True) -> None:
        """COPY the rows, and count them."""
        copy_packed(Delivery, _COLUMNS, self._rows)
        if tally:
            self.tally()

    def tally(self) -> None:
        """Count the rows in the tallies of their runs. Others of the same run wait from here to the commit, so that a
        long transaction does this by itself, right before it joins the ledger."""
        with connection.cursor() as cursor:
            for run_id, created in sorted(self._of_runs.items()):
                cursor.execute(
                    "INSERT INTO delivery_tally (run_id, created) VALUES (%s, %s)"
                    " ON CONFLICT (run_id) DO UPDATE SET created = delivery_tally.created + EXCLUDED.created",
                    (run_id, created),
                )
