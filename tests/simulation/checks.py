"""What must be true: at each arrival, at each commit, and when all has come to rest."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING

from simulation.database import FINISHED, MOVING
from simulation.receivers import DURABLE

if TYPE_CHECKING:
    from simulation.world import World

_RECORD_STATES = ("waiting", "composed", "set_aside", "cancelled")
_DELIVERY_STATES = (*MOVING, *FINISHED, "held", "in_doubt")


class Violation(BaseException):
    """An invariant does not hold. No error of the program, so nothing in it may catch it."""


def at_arrival(world: World, delivery: uuid.UUID) -> None:
    """P4: once at most, for each key and for each delivery under whatever key."""
    count = arrivals(world, delivery)
    if count > 1:
        raise Violation(f"P4: delivery {delivery.int} has arrived {count} times.")


def arrivals(world: World, delivery: uuid.UUID) -> int:
    """How often a delivery arrived, under any of its keys."""
    name = delivery.hex
    return sum(
        len(times)
        for receiver in world.receivers.values()
        for key, times in receiver.arrived.items()
        if key.startswith(name)
    )


def at_commit(world: World) -> None:
    """P3: both balances. P2: no reference to bytes that are not on the disk for good. A chunk is made once."""
    db = world.db
    if db.received != sum(state in _RECORD_STATES for state in db.records.values()):
        raise Violation("P3: the records do not balance.")
    if db.created != sum(row.state in _DELIVERY_STATES for row in db.deliveries.values()):
        raise Violation("P3: the deliveries do not balance.")
    blobs = world.disk.blobs
    seen = set()
    for document in db.documents:
        if blobs[document.blob] != DURABLE:
            raise Violation(
                f"P2: the document of record {document.record} names bytes that are {blobs[document.blob]}."
            )
        if document.record in seen:
            raise Violation(f"P3: record {document.record} was made into a document twice.")
        seen.add(document.record)


def at_rest(world: World) -> None:
    """Nothing is lost: every record and delivery has ended, and what the rows say is what the receivers have."""
    db = world.db
    at_commit(world)
    made = Counter(document.record for document in db.documents)
    for record, state in db.records.items():
        if made[record] != (state == "composed") or state == "waiting":
            raise Violation(f"P3: record {record} is {state} and has {made[record]} documents.")
    if any(chunk.state != "done" for chunk in db.chunks.values()):
        raise Violation("P3: a chunk is not done.")
    instead = Counter(row.fallback_for for row in db.deliveries.values())
    for row in db.deliveries.values():
        count = arrivals(world, row.pk)
        if row.state == "delivered" and count != 1:
            raise Violation(f"P4: delivery {row.pk.int} is delivered and has arrived {count} times.")
        if row.state in ("failed", "cancelled") and count:
            raise Violation(f"P4: delivery {row.pk.int} is {row.state} and has arrived.")
        if row.state not in (*FINISHED, "in_doubt") or row.worker_lock is not None:
            raise Violation(f"P4: delivery {row.pk.int} is left {row.state} by worker {row.worker_lock}.")
        if instead[row.pk] != (row.state == "failed" and bool(row.fallbacks)):
            raise Violation(f"P4: delivery {row.pk.int} is {row.state} and has {instead[row.pk]} fallbacks.")
