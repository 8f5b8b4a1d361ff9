"""The send protocol as pure steps (P4; ARCHITECTURE.md, section 5): what is done in which order, and nothing else.

``dispatch.py`` does what is asked for here with PostgreSQL, the vault and channels; ``tests/simulation`` with models.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from postroom.delivery.spec import Deferred, Outcome, Sent, Unknown
from postroom.kernel.effects import Effect, Steps
from postroom.kernel.errors import PostroomError

#: Waits between tries to write down what became of a send; together well below any take-over delay.
SETTLE_WAITS = (0.1, 0.3, 1.0, 2.0)
#: A proof of life counts for so many seconds. A worker that was stopped after it has to prove it again.
PROOF_LASTS = 1.0


class Claimed(Protocol):
    """What the steps themselves look at in a delivery; handlers know the whole row."""

    @property
    def pk(self) -> uuid.UUID: ...
    @property
    def key(self) -> str: ...
    @property
    def worker_lock(self) -> int | None: ...
    @property
    def next_attempt_at(self) -> dt.datetime: ...


@dataclass(frozen=True, slots=True)
class Claim(Effect[Claimed | None]):
    """The next due delivery of ``destination``, its attempt and key committed; None when nothing is due."""

    destination: str


@dataclass(frozen=True, slots=True)
class PutTogether(Effect[Any]):
    """The letter of ``delivery``. Whatever it raises, nothing has been sent."""

    delivery: Claimed


@dataclass(frozen=True, slots=True)
class RequireAlive(Effect[None]):
    """Raises WorkerLockLost when this worker may have been taken for dead."""


@dataclass(frozen=True, slots=True)
class Ticks(Effect[float]):
    """Seconds of a clock that never jumps and goes on while this process is stopped."""


@dataclass(frozen=True, slots=True)
class Now(Effect[dt.datetime]):
    """What time it is, by a clock that somebody may set."""


@dataclass(frozen=True, slots=True)
class Send(Effect[Outcome]):
    """Hand ``letter`` over. Raises PostroomError only when it surely was not."""

    letter: Any


@dataclass(frozen=True, slots=True)
class Settle(Effect[bool]):
    """Commit what follows from ``outcome`` (``decide.py``). False when the attempt is not the present one any more."""

    delivery: Claimed
    outcome: Outcome
    actor: str = "system:deliver"


@dataclass(frozen=True, slots=True)
class Trouble(Effect[None]):
    """Tell of ``error``, and begin anew with the database: its connection may be the reason."""

    delivery: Claimed | None
    error: Exception
    doing: str


@dataclass(frozen=True, slots=True)
class Pause(Effect[None]):
    """Wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class LetGo(Effect[None]):
    """Give up this worker's lock: it counts as dead from now on, and what it left is recovered."""


@dataclass(frozen=True, slots=True)
class Reach(Effect[None]):
    """A named place where tests may end the process (``kernel/failpoints.py``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Left(Effect[Sequence[Claimed]]):
    """What is in ``sending`` under the locks ``gone``, or ended in silence (no lock at all)."""

    gone: Sequence[int]


@dataclass(frozen=True, slots=True)
class Askable(Effect[bool]):
    """Whether the receiver of ``delivery`` can be asked. Raises PostroomError when its settings are broken."""

    delivery: Claimed


@dataclass(frozen=True, slots=True)
class LookUp(Effect[Sent | None]):
    """Ask the receiver about the key. None: surely absent. Raises when it does not answer."""

    delivery: Claimed


@dataclass(frozen=True, slots=True)
class PutBack(Effect[None]):
    """Surely absent: back to ready, if the attempt is still the present one."""

    delivery: Claimed


@dataclass(frozen=True, slots=True)
class NoteUnasked(Effect[None]):
    """Note at the delivery why nobody could ask."""

    delivery: Claimed
    error: Exception


@dataclass(slots=True)
class Patience:
    """What this process has seen waiting, and since when by a clock that cannot jump.

    The clock of a host, or of the database, may be set an hour ahead. Then the take-over delay seems to be over while
    a sender is still in the middle of its send. Whoever waited here has really waited.
    """

    delay: float
    _since: dict[Any, float] = field(default_factory=dict)

    def enough(self, waiting: Sequence[Any], ticks: float) -> set[Any]:
        """Those of ``waiting`` that were seen for the whole delay. What does not wait any more is forgotten."""
        self._since = {each: self._since.get(each, ticks) for each in waiting}
        return {each for each, since in self._since.items() if ticks - since >= self.delay}


def serving(destination: str, seconds: float) -> Steps[bool]:
    """Send what is due at ``destination``, one by one, for about ``seconds``. Whether there may be more."""
    started = yield from Ticks()
    while (yield from Ticks()) - started < seconds:
        try:
            delivery = yield from Claim(destination)
        except Exception as error:
            # Broad: its answer may be lost although it was committed, and nobody recovers what a living worker holds.
            yield from Trouble(None, error, f"nothing can be claimed at {destination}")
            yield from LetGo()
            raise
        if delivery is None:
            return False
        yield from Reach("after-intent")
        outcome = yield from _sent(delivery)
        yield from Reach("after-send")
        yield from _noted(delivery, outcome)
    return True


def _sent(delivery: Claimed) -> Steps[Outcome]:
    try:
        letter = yield from PutTogether(delivery)
    except PostroomError as error:  # nothing has been sent: the bytes or settings have to be mended first
        return Deferred(f"{error.message} {error.hint}".strip())
    except Exception as error:  # broad: nothing has been sent, and the delivery must not be left behind
        yield from Trouble(delivery, error, "cannot be put together")
        return Deferred(f"The letter cannot be put together: {error!r}")
    yield from _proof()
    try:
        return (yield from Send(letter))
    except PostroomError as error:  # the channel's contract: raised only before the message is handed over
        return Deferred(f"{error.message} {error.hint}".strip())
    except Exception as error:  # broad: a channel that breaks its contract may have sent; never claim it has not
        return Unknown(f"The channel failed in the middle: {error!r}")


def _proof() -> Steps[None]:
    """Proof of life right before the send, the last thing before it: nothing that takes time may come in between."""
    while True:
        asked = yield from Ticks()
        yield from RequireAlive()
        if (yield from Ticks()) - asked < PROOF_LASTS:
            return


def _noted(delivery: Claimed, outcome: Outcome) -> Steps[None]:
    """Write down what became of a send, also when the database was away for a moment.

    If it cannot be written, this worker must end: only what a dead worker left in ``sending`` is recovered.
    """
    for wait in (*SETTLE_WAITS, None):
        try:
            yield from Settle(delivery, outcome)
            return
        except Exception as error:  # broad: whatever it is, this delivery must not stay with a worker that lives
            yield from Trouble(delivery, error, "its outcome cannot be written yet")
            if wait is None:
                yield from LetGo()
                raise
            yield from Pause(wait)


def recovering(gone: Sequence[int], patience: Patience | None = None) -> Steps[int]:
    """Settle what dead workers left in ``sending``, and ask about sends that ended in silence. How many were tried.

    ``gone`` are locks that were free for the take-over delay. Silent sends wait as long: by ``patience``, else (one
    round, by somebody who looks only once) by the time written at them.
    """
    left = yield from Left(gone)
    if patience is None:
        now = yield from Now()
        due = [one for one in left if one.worker_lock is not None or one.next_attempt_at <= now]
    else:
        ticks = yield from Ticks()
        enough = patience.enough([one.key for one in left if one.worker_lock is None], ticks)
        due = [one for one in left if one.worker_lock is not None or one.key in enough]
    for delivery in due:
        yield from _recovered(delivery)
    return len(due)


def _recovered(delivery: Claimed) -> Steps[None]:
    try:
        askable = yield from Askable(delivery)
    except PostroomError as error:  # its settings have to be mended; the others need not wait for that
        yield from NoteUnasked(delivery, error)
        return
    if not askable:
        reason = "The worker died between the send and its answer, and this receiver cannot be asked."
        yield from Settle(delivery, Unknown(reason), "system:recover")
        return
    try:
        found = yield from LookUp(delivery)
    except Exception as error:  # broad: asked in vain is not an answer; it is asked again at the next sweep
        yield from NoteUnasked(delivery, error)
        return
    if found is not None:
        yield from Settle(delivery, found, "system:recover")
    else:
        yield from PutBack(delivery)
