"""The life of a chunk and the sweep as pure steps (P3; ARCHITECTURE.md, section 4): order, and what faults lead to.

``pipeline.py`` and ``recovery.py`` do what is asked for here with real parts, ``tests/simulation`` with models.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import InterfaceError, OperationalError

from postroom.delivery.protocol import LetGo, Patience, Pause, Ticks
from postroom.kernel.effects import Effect, Steps
from postroom.kernel.errors import Unavailable
from postroom.production.errors import ClaimLost

#: A chunk whose worker died this often is not tried again; its records are set aside with that reason.
MOST_TRIES = 5
#: Waits between tries to let a chunk go that cannot be composed now.
RELEASE_WAITS = (0.1, 0.3, 1.0, 2.0)


class Job(Protocol):
    """What the steps themselves look at in a chunk that was loaded."""

    @property
    def tries(self) -> int: ...


@dataclass(frozen=True, slots=True)
class NewClaim(Effect[uuid.UUID]):
    """A name for this try, known before the database hears of it."""


@dataclass(frozen=True, slots=True)
class TakeChunk(Effect[bool]):
    """Make the chunk ours, committed. False when it is not waiting."""

    chunk: uuid.UUID
    claim: uuid.UUID


@dataclass(frozen=True, slots=True)
class Load(Effect[Job]):
    """The chunk with its waiting records."""

    chunk: uuid.UUID


@dataclass(frozen=True, slots=True)
class Make(Effect[None]):
    """From records to documents in memory. Nothing that could not be done again by somebody else."""

    job: Any


@dataclass(frozen=True, slots=True)
class PutBytes(Effect[Any]):
    """Everything into the vault; on the disk for good when this answers (P2)."""

    job: Any


@dataclass(frozen=True, slots=True)
class CommitChunk(Effect[None]):
    """All rows of the chunk in one transaction that takes the claim with it. Raises ClaimLost."""

    job: Any
    claim: uuid.UUID
    batch: Any


@dataclass(frozen=True, slots=True)
class GiveUp(Effect[None]):
    """Set the chunk's records aside, in one transaction that takes the claim with it. Raises ClaimLost."""

    job: Any
    claim: uuid.UUID


@dataclass(frozen=True, slots=True)
class Release(Effect[None]):
    """Let the chunk wait again if it is still ours. Without ``blame`` this try does not count."""

    chunk: uuid.UUID
    claim: uuid.UUID
    blame: bool


@dataclass(frozen=True, slots=True)
class SettleRun(Effect[bool]):
    """Mark the run of ``job`` settled if nothing of it is in progress."""

    job: Any


@dataclass(frozen=True, slots=True)
class Taken(Effect[None]):
    """Tell that somebody else has taken the chunk over."""

    chunk: uuid.UUID


def composing(chunk: uuid.UUID) -> Steps[bool]:
    """Take a chunk from waiting records to documents with deliveries. False: it is claimed or done, nothing is."""
    claim = yield from NewClaim()
    try:
        if not (yield from TakeChunk(chunk, claim)):
            return False
    except Exception:  # broad: it may have been committed, and nobody takes over what a living worker holds
        yield from _released(chunk, claim, blame=False)
        raise
    try:
        yield from _composed(chunk, claim)
    except ClaimLost:
        yield from Taken(chunk)
    except (Unavailable, OperationalError, InterfaceError):  # not the chunk's fault: it waits until that is over
        yield from _released(chunk, claim, blame=False)
        raise
    except Exception:  # broad: no fault of one chunk may leave it claimed by a worker that lives
        yield from _released(chunk, claim, blame=True)
        raise
    return True


def _composed(chunk: uuid.UUID, claim: uuid.UUID) -> Steps[None]:
    job = yield from Load(chunk)
    if job.tries > MOST_TRIES:
        yield from GiveUp(job, claim)
    else:
        yield from Make(job)
        batch = yield from PutBytes(job)
        yield from CommitChunk(job, claim, batch)
    yield from SettleRun(job)


def _released(chunk: uuid.UUID, claim: uuid.UUID, *, blame: bool) -> Steps[None]:
    """Let it wait again. If that cannot be written, this worker must end: the sweep frees what the dead left."""
    for wait in (*RELEASE_WAITS, None):
        try:
            yield from Release(chunk, claim, blame)
            return
        except Exception:  # broad: whatever it is, the chunk must not stay with a worker that lives
            if wait is None:
                yield from LetGo()
                return  # the fault that led here is raised by who called
            yield from Pause(wait)


@dataclass(frozen=True, slots=True)
class Gone(Effect[tuple[Sequence[int], Sequence[int]]]):
    """Locks that are free, and those of them that were for the take-over delay by the database's clock."""


@dataclass(frozen=True, slots=True)
class FreeChunks(Effect[None]):
    """Chunks claimed, and parcels read, under the locks ``gone`` wait again; their jobs are forgotten."""

    gone: Sequence[int]


@dataclass(frozen=True, slots=True)
class Recover(Effect[Any]):
    """``delivery.protocol.recovering`` for the locks ``gone``."""

    gone: Sequence[int]


@dataclass(frozen=True, slots=True)
class StopTheCancelled(Effect[None]):
    """Cancel what waits of cancelled runs."""


@dataclass(frozen=True, slots=True)
class OpenAgain(Effect[None]):
    """Settled runs of which something moves are at work again."""


@dataclass(frozen=True, slots=True)
class WakeForgotten(Effect[None]):
    """Wake-ups for rows that wait although nobody was told."""


@dataclass(frozen=True, slots=True)
class SettleRuns(Effect[None]):
    """Settle what is over."""


def sweeping(patience: Patience) -> Steps[None]:
    """One round. Composing can be taken over at once, since a chunk commits once or not at all.

    Sending waits: a lock counts as gone when the database says so and this process has seen it free as long.
    """
    gone, gone_long = yield from Gone()
    enough = patience.enough(gone, (yield from Ticks()))
    if gone:
        yield from FreeChunks(gone)
    yield from Recover([lock for lock in gone_long if lock in enough])
    yield from StopTheCancelled()
    yield from OpenAgain()
    yield from WakeForgotten()
    yield from SettleRuns()
