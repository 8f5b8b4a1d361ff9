"""The modelled database: rows as PostgreSQL keeps them, and what its transactions do to them.

Each method is one transaction. What stands in it is held against the real one by ``test_fidelity.py``. What follows
from an outcome is not modelled: it is the product's own ``decide``.
"""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from postroom.delivery.decide import Plan, decide
from postroom.delivery.spec import Outcome
from postroom.production.errors import ClaimLost

EPOCH = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
MOVING = ("ready", "sending", "sent")
FINISHED = ("delivered", "suppressed", "failed", "cancelled", "superseded")


@dataclass(slots=True)
class Row:
    """A delivery."""

    pk: uuid.UUID
    record: int
    destination: str
    fallbacks: tuple[str, ...]
    next_attempt_at: dt.datetime
    fallback_for: uuid.UUID | None = None
    channel: str = "modelled"
    state: str = "ready"
    truth: int = 0
    code: str = ""
    reason: str = ""
    attempts: int = 0
    key: str = ""
    worker_lock: int | None = None


@dataclass(slots=True)
class ChunkRow:
    """A chunk and the records in it."""

    pk: uuid.UUID
    records: tuple[int, ...]
    state: str = "ready"
    claim: uuid.UUID | None = None
    worker_lock: int | None = None
    tries: int = 0


@dataclass(slots=True)
class Document:
    """What a chunk's commit makes of one record. ``blob`` names bytes on the modelled disk."""

    record: int
    blob: int


@dataclass(slots=True)
class Database:
    """One run, its chunks, records, documents and deliveries; locks of workers; the server's own clock."""

    deliveries: dict[uuid.UUID, Row] = field(default_factory=dict)
    chunks: dict[uuid.UUID, ChunkRow] = field(default_factory=dict)
    records: dict[int, str] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    received: int = 0
    created: int = 0
    run_state: str = "working"
    cancelled: bool = False
    on_hold: bool = False
    held: set[int] = field(default_factory=set)
    workers: dict[int, float | None] = field(default_factory=dict)
    started: float = -1e9
    offset: float = 0.0
    #: Rows of transactions that are still open, by worker, as they were before: only a mutant has any.
    open: dict[int, list[Row]] = field(default_factory=dict)
    #: Claims of chunks that no commit has followed that waited for the disk.
    unsynced: list[tuple[uuid.UUID, uuid.UUID]] = field(default_factory=list)
    _ids: int = 0

    def new_id(self) -> uuid.UUID:
        self._ids += 1
        return uuid.UUID(int=self._ids)

    # -- deliveries ----------------------------------------------------------------------------------------------

    def due(self, destination: str, now: dt.datetime) -> list[Row]:
        """The rows a claim may take: a first try whatever the clock says, another one when its time has come.

        Which of them is a matter of turns and priorities that no invariant hangs on. FOR UPDATE SKIP LOCKED passes by
        what others have in hand.
        """
        taken = [row.pk for rows in self.open.values() for row in rows] if self.open else ()
        return [
            row
            for row in self.deliveries.values()
            if row.state == "ready"
            and row.destination == destination
            and (row.attempts == 0 or row.next_attempt_at <= now)
            and row.pk not in taken
        ]

    def claim(self, row: Row, worker: int, *, commit: bool = True) -> Row:
        """Take one of those that are due."""
        if not commit:
            self.open.setdefault(worker, []).append(copy.copy(row))
        row.state, row.attempts, row.worker_lock = "sending", row.attempts + 1, worker
        row.key = f"{row.pk.hex}-{row.attempts}"
        return copy.copy(row)

    def roll_back(self, worker: int) -> None:
        for row in self.open.pop(worker, ()):
            self.deliveries[row.pk] = row

    def settle(self, pk: uuid.UUID, key: str, outcome: Outcome, now: dt.datetime, plan: Plan) -> bool:
        row = self.deliveries[pk]
        change = decide(row, key, outcome, now, plan)
        if change is None:
            return False
        if change.fall_back:
            self.deliver(row.record, row.fallbacks, now, row.pk)
        row.state, row.truth, row.code, row.worker_lock = change.state, change.truth, change.code, None
        row.next_attempt_at = change.next_attempt_at
        self._wait(row)
        return True

    def _wait(self, row: Row) -> None:
        """What becomes ready while its run is cancelled or held is so itself: the database's own triggers."""
        if row.state == "ready" and self.cancelled:
            row.state, row.code = "cancelled", "run-cancelled"
        elif row.state == "ready" and self.on_hold:
            row.state, row.code = "held", "run-held"

    def deliver(self, record: int, ways: Sequence[str], now: dt.datetime, instead: uuid.UUID | None = None) -> Row:
        row = Row(self.new_id(), record, ways[0], tuple(ways[1:]), now, instead)
        self.deliveries[row.pk] = row
        self.created += 1
        self._wait(row)
        return row

    def put_back(self, pk: uuid.UUID, key: str, now: dt.datetime) -> bool:
        row = self.deliveries[pk]
        if row.state != "sending" or row.key != key:
            return False
        row.state, row.worker_lock, row.next_attempt_at = "ready", None, now
        self._wait(row)
        return True

    def left(self, gone: Collection[int]) -> list[Row]:
        return [
            copy.copy(row)
            for row in self.deliveries.values()
            if row.state == "sending" and (row.worker_lock is None or row.worker_lock in gone)
        ]

    def switch(self, pk: uuid.UUID, before: str, after: str) -> bool:
        """An operator holds, lets go or cancels one delivery."""
        row = self.deliveries[pk]
        if row.state != before or any(row.pk == other.pk for rows in self.open.values() for other in rows):
            return False
        row.state = after
        return True

    # -- chunks --------------------------------------------------------------------------------------------------

    def take_chunk(self, pk: uuid.UUID, claim: uuid.UUID, worker: int) -> bool:
        chunk = self.chunks[pk]
        if chunk.state != "ready":
            return False
        chunk.state, chunk.claim, chunk.worker_lock, chunk.tries = "claimed", claim, worker, chunk.tries + 1
        self.unsynced.append((pk, claim))
        return True

    def lose_the_unsynced(self) -> None:
        """The server crashed: claims are committed without waiting for the disk, and those that no other commit
        followed are gone."""
        for pk, claim in self.unsynced:
            chunk = self.chunks[pk]
            if chunk.state == "claimed" and chunk.claim == claim:
                chunk.state, chunk.claim, chunk.worker_lock, chunk.tries = self._ready(), None, None, chunk.tries - 1
        self.unsynced.clear()

    def release_chunk(self, pk: uuid.UUID, claim: uuid.UUID, *, blame: bool) -> bool:
        chunk = self.chunks[pk]
        if chunk.state != "claimed" or chunk.claim != claim:
            return False
        chunk.state, chunk.claim, chunk.worker_lock, chunk.tries = self._ready(), None, None, chunk.tries - (not blame)
        return True

    def free_chunks(self, gone: Collection[int]) -> None:
        for chunk in self.chunks.values():
            if chunk.state == "claimed" and chunk.worker_lock in gone:
                chunk.state, chunk.claim, chunk.worker_lock = self._ready(), None, None

    def _ready(self) -> str:
        return "held" if self.on_hold else "ready"

    def close_chunk(
        self, pk: uuid.UUID, claim: uuid.UUID, records: Sequence[int], become: str, *, check: bool = True
    ) -> bool:
        """Take the claim with this transaction. False when the run was cancelled: then its records are, too."""
        chunk = self.chunks[pk]
        if check and (chunk.state != "claimed" or chunk.claim != claim):
            raise ClaimLost("This chunk was taken over by another worker.", hint="Nothing has to be done.")
        chunk.state, chunk.claim, chunk.worker_lock = "done", None, None
        for record in records:
            self.records[record] = "cancelled" if self.cancelled else become
        return not self.cancelled

    # -- runs ----------------------------------------------------------------------------------------------------

    def cancel(self) -> bool:
        """False when it is too late for it."""
        if self.cancelled or self.run_state == "settled":
            return False
        self.cancelled, self.on_hold = True, False
        for chunk in self.chunks.values():
            if chunk.state in ("ready", "held"):
                chunk.state = "done"
                for record in chunk.records:
                    self.records[record] = "cancelled"
        self.cancel_waiting()
        return True

    def cancel_waiting(self) -> None:
        if self.cancelled:
            for row in self.deliveries.values():
                if self.switch(row.pk, "ready", "cancelled") or self.switch(row.pk, "held", "cancelled"):
                    row.code = "run-cancelled"

    def hold(self) -> None:
        if self.cancelled or self.on_hold:
            return
        self.on_hold = True
        for row in self.deliveries.values():
            self.switch(row.pk, "ready", "held")
        for chunk in self.chunks.values():
            chunk.state = "held" if chunk.state == "ready" else chunk.state

    def release(self) -> None:
        self.on_hold = False
        for row in self.deliveries.values():
            self.switch(row.pk, "held", "ready")
            self._wait(row)
        for chunk in self.chunks.values():
            chunk.state = "ready" if chunk.state == "held" else chunk.state

    def settle_run(self) -> bool:
        if self.run_state != "settled" and not self.moving():
            self.run_state = "settled"
        return self.run_state == "settled"

    def open_again(self) -> None:
        if self.run_state == "settled" and any(row.state in ("ready", "sending") for row in self.deliveries.values()):
            self.run_state = "working"

    def moving(self) -> bool:
        """In progress, or a chunk that still has to be looked at although its records have ended."""
        return self.in_progress() or any(chunk.state != "done" for chunk in self.chunks.values())

    def in_progress(self) -> bool:
        return any(state == "waiting" for state in self.records.values()) or any(
            row.state in MOVING for row in self.deliveries.values()
        )

    # -- who lives -----------------------------------------------------------------------------------------------

    def gone_now(self) -> list[int]:
        return [lock for lock in self.workers if lock not in self.held]

    def note_the_gone(self, now: float, delay: float) -> list[int]:
        """``now`` is the server's own clock: it may have been set."""
        for lock, since in self.workers.items():
            if lock in self.held:
                self.workers[lock] = None
            elif since is None:
                self.workers[lock] = now
        if self.started >= now - delay:
            return []
        return [lock for lock, since in self.workers.items() if since is not None and since < now - delay]
