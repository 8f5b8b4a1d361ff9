"""Modelled receivers and a modelled disk."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from postroom.delivery.spec import CannotAsk, Deferred, Outcome, Refused, Sent, Truth, Unknown
from postroom.kernel.errors import Unavailable

TAKE_OVER, SEND_TIMEOUT = 30.0, 20.0
#: The model's one promise about receivers: what was handed over arrives within so many seconds, or never.
LATEST_ARRIVAL = 28.0


@dataclass(slots=True)
class Reaction:
    """What will come of one handing over. ``arrives``: seconds from now, or never. Then the answer, or an exception."""

    arrives: float | None
    answers: float
    answer: Outcome | Exception
    needs_sender: bool = False


@dataclass(slots=True)
class Receiver:
    """One destination. It keeps every arrival by key, with the second in which it came."""

    name: str
    askable: bool
    mood: float
    arrived: dict[str, list[float]] = field(default_factory=dict)
    under_way: list[tuple[float, str, Any]] = field(default_factory=list)
    silent_until: float = 0.0

    def react(self, rng: random.Random) -> Reaction:
        """Mostly well; ``mood`` is how often it is not."""
        sent = Sent(Truth.ACCEPTED, "250")
        if rng.random() >= self.mood:
            return Reaction(0.0, 0.1, sent)
        kind = rng.randrange(9)
        if kind == 0:  # it has it, and its answer is lost
            return Reaction(0.0, SEND_TIMEOUT, Unknown("silence"))
        if kind == 1:  # it has it much later than the sender waits
            return Reaction(rng.uniform(0.0, LATEST_ARRIVAL), SEND_TIMEOUT, Unknown("silence"))
        if kind == 2:  # nothing arrives, and nobody says so
            return Reaction(None, SEND_TIMEOUT, Unknown("silence"))
        if kind == 3:
            return Reaction(None, 0.1, Deferred("451", retry_after=rng.choice((None, 1.0, 50.0))))
        if kind == 4:
            return Reaction(None, 0.1, Refused("unknown-mailbox", "550"))
        if kind == 5:  # the channel breaks its contract, before or after the message was taken
            return Reaction(rng.choice((None, 0.0)), 1.0, RuntimeError("lost the thread"))
        if kind == 6:  # nothing was handed over, and it says so
            return Reaction(None, 0.0, Unavailable("no connection", hint="Wait."))
        if kind == 7:  # it arrives when the sender has said all it has to say
            return Reaction(5.0, 6.0, sent, needs_sender=True)
        return Reaction(rng.uniform(0.0, 10.0), rng.uniform(10.0, SEND_TIMEOUT), sent)

    def look_up(self, key: str, at: float) -> Sent | None:
        if not self.askable or at < self.silent_until:
            raise CannotAsk("It does not answer.", hint="Ask later.")
        return Sent(Truth.ACCEPTED, "found") if key in self.arrived else None


CACHED, DURABLE, GONE = "cached", "durable", "gone"


@dataclass(slots=True)
class Disk:
    """Bytes by number. A power cut takes those that are not synced, or half of them: nothing is served from either."""

    blobs: dict[int, str] = field(default_factory=dict)
    full_until: float = 0.0

    def append(self, count: int) -> list[int]:
        first = len(self.blobs)
        for number in range(first, first + count):
            self.blobs[number] = CACHED
        return list(range(first, first + count))

    def sync(self, numbers: list[int]) -> None:
        for number in numbers:
            self.blobs[number] = DURABLE

    def power_cut(self) -> None:
        for number, state in self.blobs.items():
            if state == CACHED:
                self.blobs[number] = GONE
