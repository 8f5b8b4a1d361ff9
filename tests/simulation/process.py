"""A modelled process: it carries the product's protocols through, one effect at a time, and may stop anywhere.

``life`` is a generator. Each ``yield`` is a place where the world may interleave others, freeze this process, or never
let it go on: a crash. A number that is yielded is a wait. Effects that take no time (clocks, failpoints) do not yield:
between a look at the clock and what follows it there is no place to stop, which is the model's second promise.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Generator, Iterator
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from django.db import OperationalError

from postroom.delivery import protocol as d
from postroom.delivery.decide import Plan
from postroom.delivery.spec import Outcome, Sent, Truth, Unknown
from postroom.kernel.effects import Effect, Steps
from postroom.kernel.errors import Unavailable
from postroom.kernel.liveness import WorkerLockLost
from simulation.database import EPOCH, Document, Row
from simulation.receivers import SEND_TIMEOUT, TAKE_OVER

if TYPE_CHECKING:
    from simulation.world import World

Life = Generator[Any, None, Any]
_DELAYS = (20.0, 60.0)
_LOST = "the modelled connection is lost"


class Process:
    """What all roles share: a clock, a connection, a lock that proves life."""

    sweeps = False

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.offset = 0.0
        self.wake = 0.0
        self.frozen_until = 0.0
        self.lost_at: float | None = None
        self.number = 0
        self.idle = 1.0
        self.sending = False
        self.doing: Life | None = None
        self.handlers: dict[type[Effect[Any]], Callable[[Any], Any]] = {
            d.Ticks: lambda _: 0.0 if world.mutant == "stale-proof" and not self.sweeps else world.t,
            d.Now: lambda _: self.now(),
            d.Reach: lambda _: None,
            d.Trouble: lambda _: self.reconnect(),
            d.LetGo: lambda _: None if world.mutant == "no-let-go" else self.let_go(),
            d.Pause: self.pause,
            d.Claim: self.claim,
            d.PutTogether: self.put_together,
            d.RequireAlive: self.require_alive,
            d.Send: self.send,
            d.Settle: self.settle,
            d.Left: lambda wanted: self.transact("left", lambda: self.world.db.left(wanted.gone)),
            d.Askable: self.askable,
            d.LookUp: self.look_up,
            d.PutBack: self.put_back,
            d.NoteUnasked: lambda _: self.transact("note unasked", lambda: None),
        }

    def born(self) -> None:
        """Start, or start again after a crash: a new lock, a new connection, nothing remembered."""
        self.number = self.world.new_number()
        self.world.db.workers[self.number] = None
        self.world.db.held.add(self.number)
        self.lost_at, self.idle = None, 1.0
        self.frozen_until, self.sending = 0.0, False
        self.reconnect()
        self.doing = self.life()

    def dies(self) -> None:
        """kill -9: the server ends its sessions within milliseconds."""
        self.doing = None
        self.let_go()
        self.world.db.roll_back(self.number)

    def life(self) -> Life:
        raise NotImplementedError

    def now(self) -> dt.datetime:
        return EPOCH + dt.timedelta(seconds=self.world.t + self.offset)

    # -- the runner ----------------------------------------------------------------------------------------------

    def carry(self, steps: Steps[Any]) -> Life:
        """``kernel.effects.run``, with places to stop in the middle of an effect."""
        handlers = self.handlers
        try:
            effect = next(steps)
            while True:
                try:
                    answer = handlers[type(effect)](effect)
                    if type(answer) is GeneratorType:
                        answer = yield from answer
                except Exception as error:
                    effect = steps.throw(error)
                else:
                    effect = steps.send(answer)
        except StopIteration as done:
            return done.value

    # -- the database, as seen from here -------------------------------------------------------------------------

    def reconnect(self) -> None:
        self.connected = self.world.sessions

    def cut(self) -> None:
        """The connection breaks; what it had not committed is rolled back."""
        self.connected = -1
        self.world.db.roll_back(self.number)

    def let_go(self) -> None:
        self.world.db.held.discard(self.number)

    def transact(self, label: str, action: Callable[[], Any], *, synced: bool = True) -> Life:
        """One transaction: a crash before it, or after its commit, whose answer may be lost. ``synced``: it waits for
        the server's disk, and with it is there whatever was committed before."""
        yield label
        self.reach_database()
        answer = action()
        if synced:
            self.world.db.unsynced.clear()
        self.world.committed()
        yield f"{label}, committed"
        self.reach_database()
        return answer

    def reach_database(self) -> None:
        world = self.world
        if self.connected != world.sessions or world.t < world.down_until:
            if world.t >= world.down_until:
                self.reconnect()  # the next one will work, as Django's does after its error
            raise OperationalError(_LOST)

    # -- the send protocol ---------------------------------------------------------------------------------------

    def pause(self, wanted: d.Pause) -> Life:
        yield wanted.seconds

    def claim(self, wanted: d.Claim) -> Life:
        world = self.world

        def action() -> Row | None:
            due = world.db.due(wanted.destination, self.now())
            if not due:
                return None
            return world.db.claim(world.rng.choice(due), self.number, commit=world.mutant != "no-intent")

        return self.transact("claim", action)

    def put_together(self, wanted: d.PutTogether) -> Life:
        yield "put together"
        chance = self.world.rng.random()
        if chance < 0.01:
            raise Unavailable("The bytes are not there.", hint="Wait.")
        if chance < 0.02:
            raise KeyError("subject")
        return wanted.delivery

    def require_alive(self, wanted: d.RequireAlive) -> Iterator[Any]:
        yield "proof of life"
        if self.number not in self.world.db.held and self.world.mutant != "no-liveness":
            raise WorkerLockLost("This worker lost its lock.", hint="It is started again.")
        yield "proof under way"

    def send(self, wanted: d.Send) -> Life:
        self.sending = True
        try:
            return (yield from self._send(wanted))
        finally:
            self.sending = False

    def _send(self, wanted: d.Send) -> Life:
        row: Row = wanted.letter
        world = self.world
        receiver = world.receivers[row.destination]
        reaction = receiver.react(world.rng)
        started = world.t
        if reaction.arrives is not None and not reaction.needs_sender:
            world.hand_over(receiver, row, reaction.arrives)
        if reaction.needs_sender:
            yield reaction.arrives
            if world.t - started > SEND_TIMEOUT:  # it was stopped meanwhile, and the receiver did not wait
                return Unknown("The receiver has hung up.")
            world.hand_over(receiver, row, 0.0)
        yield min(reaction.answers, SEND_TIMEOUT)
        if isinstance(reaction.answer, Exception):
            raise reaction.answer
        if world.t - started > SEND_TIMEOUT and isinstance(reaction.answer, Sent):
            return Unknown("The answer came too late.") if world.rng.random() < 0.5 else reaction.answer
        return reaction.answer

    def settle(self, wanted: d.Settle) -> Life:
        row = wanted.delivery
        outcome: Outcome = wanted.outcome
        askable = wanted.actor == "system:deliver" and self.world.receivers[self._way(row.pk)].askable
        plan = Plan(Truth.ACCEPTED, askable, _DELAYS, TAKE_OVER)

        def action() -> bool:
            self.world.db.open.pop(self.number, None)
            return self.world.db.settle(row.pk, row.key, outcome, self.now(), plan)

        return self.transact(f"settle {type(outcome).__name__}", action)

    def _way(self, pk: uuid.UUID) -> str:
        return self.world.db.deliveries[pk].destination

    def askable(self, wanted: d.Askable) -> bool:
        if self.world.rng.random() < 0.02:
            raise Unavailable("The settings are broken.", hint="Mend them.")
        return self.world.receivers[self._way(wanted.delivery.pk)].askable

    def look_up(self, wanted: d.LookUp) -> Life:
        yield "look up"
        if self.world.mutant == "no-look-up":
            return None
        self.world.arrive()
        found = self.world.receivers[self._way(wanted.delivery.pk)].look_up(wanted.delivery.key, self.world.t)
        yield "answer of the look-up"
        return found

    def put_back(self, wanted: d.PutBack) -> Life:
        row = wanted.delivery
        return self.transact("put back", lambda: self.world.db.put_back(row.pk, row.key, self.now()))

    def put_documents(self, records: list[int], blobs: list[int]) -> None:
        """The rows of a chunk's commit, inside its transaction."""
        world = self.world
        for record, blob in zip(records, blobs, strict=True):
            world.db.documents.append(Document(record, blob))
            world.db.deliver(record, world.ways[record], self.now())
