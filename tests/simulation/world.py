"""One schedule: a seed decides who goes on, what breaks and when; after that all is mended and must come to rest."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any

from simulation.checks import Violation, at_arrival, at_commit, at_rest
from simulation.database import ChunkRow, Database, Row
from simulation.process import Process
from simulation.receivers import LATEST_ARRIVAL, Disk, Receiver
from simulation.roles import Composer, Deliverer, Sweeper

MUTANTS = ("no-intent", "no-look-up", "no-liveness", "no-sync", "no-claim", "no-patience", "no-let-go", "stale-proof")
_MOST_STEPS = 20_000
_ROUGH = 320
#: How long a process may go on after it has seen that its lock is lost (``project/worker.py``).
_GRACE = 25.0
#: Places where a fault hurts most. Each schedule aims at some of them, since chance alone comes by too seldom.
_TENDER = (
    "claim",
    "claim, committed",
    "put together",
    "proof of life",
    "proof under way",
    "proof under way",
    "sending",
    "settle Sent, committed",
    "settle Unknown, committed",
    "settle Deferred",
    "look up",
    "answer of the look-up",
    "put back",
    "take chunk, committed",
    "synced",
    "commit chunk",
    "commit chunk, committed",
    "release",
)


class World:
    """Everything there is in one schedule."""

    def __init__(self, seed: int, mutant: str = "", *, trace: bool = False) -> None:
        self.seed, self.mutant = seed, mutant
        self.rng = random.Random(seed)
        self.t = 0.0
        self.sessions, self.down_until = 0, -1.0
        self.commits = 0
        self.steps = 0
        self.chaos = True
        self.trace: list[str] | None = [] if trace else None
        self.db = Database()
        self.disk = Disk()
        self.sweeping: Process | None = None
        self.poison = self.rng.random() < 0.1
        self._numbers = 0
        mood = self.rng.choice((0.0, 0.2, 0.5, 0.9))
        self.receivers = {
            "asked": Receiver("asked", askable=True, mood=mood),
            "mute": Receiver("mute", askable=False, mood=mood * self.rng.choice((0.0, 1.0))),
        }
        self.ways: dict[int, tuple[str, ...]] = {}
        self._records()
        self.processes: list[Process] = [
            *(Deliverer(self, f"deliver{number}") for number in range(self.rng.randint(1, 3))),
            *(Composer(self, f"compose{number}") for number in range(self.rng.randint(1, 2))),
            *(Sweeper(self, f"sweep{number}") for number in range(self.rng.randint(1, 2))),
        ]
        for process in self.processes:
            process.born()
        self.faults = sorted(self.rng.randrange(_ROUGH) for _ in range(self.rng.randint(0, 8)))
        self.aims = [self.rng.choice(_TENDER) for _ in range(self.rng.randint(0, 4))]

    def _records(self) -> None:
        choices = (("asked",), ("asked",), ("mute",), ("asked", "mute"), ("mute", "asked"))
        for number in range(self.rng.randint(1, 2)):
            records = tuple(range(number * 2, number * 2 + self.rng.randint(1, 2)))
            chunk = ChunkRow(self.db.new_id(), records)
            self.db.chunks[chunk.pk] = chunk
            for record in records:
                self.db.records[record] = "waiting"
                self.ways[record] = self.rng.choice(choices)
        self.db.received = len(self.db.records)

    def new_number(self) -> int:
        self._numbers += 1
        return self._numbers

    # -- going on ------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Raises Violation. At first all that can go wrong does; then nothing does any more."""
        while self.steps < _ROUGH and (self.faults or self.aims) and not (self.at_rest() and not self.faults):
            self.step()
            while self.faults and self.faults[0] <= self.steps:
                self.faults.pop(0)
                self.fault(self.rng.choice(self.processes))
        self.mend()
        while not self.at_rest():
            self.step()
            if self.steps > _MOST_STEPS:
                raise Violation("It never comes to rest.")
        self.t += LATEST_ARRIVAL
        self.arrive()
        at_rest(self)

    def step(self) -> None:
        self.steps += 1
        ready = [one for one in self.processes if one.wake <= self.t and one.frozen_until <= self.t]
        if not ready:
            self.t = min(max(one.wake, one.frozen_until) for one in self.processes)
            ready = [one for one in self.processes if one.wake <= self.t and one.frozen_until <= self.t]
        rng = self.rng
        process = ready[int(rng.random() * len(ready))]
        self.t += 0.05 * rng.random()
        self.arrive()
        if process.doing is None:
            self.note(process, "starts")
            process.born()
            return
        if process.number not in self.db.held:
            if process.lost_at is None:
                process.lost_at = self.t
            elif self.t - process.lost_at > _GRACE:
                self.kill(process)
                return
        try:
            what = next(process.doing)
        except StopIteration:
            self.note(process, "ends")
            self.kill(process)
            return
        if type(what) is float:
            process.wake = self.t + what
            what = "sending" if process.sending else f"waits {what:.1f} s"
        if self.trace is not None:
            self.note(process, what)
        if self.chaos and what in self.aims and rng.random() < 0.4:
            self.aims.remove(what)
            self.fault(process)

    def note(self, process: Process | None, what: object) -> None:
        if self.trace is not None:
            who = f"{process.name}#{process.number}" if process else "world"
            self.trace.append(f"{self.steps:5} {self.t:9.2f} s  {who:14} {what}")

    def state(self) -> tuple[Any, ...]:
        """What a round may have changed, to see whether anything moves."""
        rows = self.db.deliveries.values()
        return (
            tuple((row.state, row.key, row.worker_lock) for row in rows),
            tuple(chunk.state for chunk in self.db.chunks.values()),
            self.db.run_state,
        )

    def at_rest(self) -> bool:
        return self.db.run_state == "settled" and not self.db.moving() and not self.db.open

    # -- what happens to messages --------------------------------------------------------------------------------

    def hand_over(self, receiver: Receiver, row: Row, after: float) -> None:
        receiver.under_way.append((self.t + after, row.key, row.pk))
        self.arrive()

    def arrive(self) -> None:
        for receiver in self.receivers.values():
            if receiver.under_way:
                for message in [one for one in receiver.under_way if one[0] <= self.t]:
                    receiver.under_way.remove(message)
                    receiver.arrived.setdefault(message[1], []).append(message[0])
                    if self.trace is not None:
                        self.note(None, f"{receiver.name} has {message[1]}")
                    at_arrival(self, message[2])

    def committed(self) -> None:
        self.commits += 1
        at_commit(self)

    # -- what breaks ---------------------------------------------------------------------------------------------

    def kill(self, process: Process) -> None:
        process.dies()
        process.frozen_until = 0.0
        process.wake = self.t + self.rng.uniform(0.1, 3.0)
        if self.sweeping is process:
            self.sweeping = None

    def holds_sweep(self, process: Process | None) -> bool:
        return process is not None and process.doing is not None and process.connected == self.sessions

    def fault(self, process: Process) -> None:
        rng = self.rng
        faults: tuple[Callable[[Process], None], ...] = (
            self._killed, self._killed, self._frozen, self._frozen_and_cut, self._frozen_without_lock, self._cut,
            self._cut, self._restart, self._restart, self._clock, self._clock, self._asleep, self._power, self._full,
            self._silent, self._operator, self._operator,
        )  # fmt: skip
        chosen = rng.choice(faults)
        self.note(process, f"!! {chosen.__name__[1:].replace('_', ' ')}")
        chosen(process)

    def _killed(self, process: Process) -> None:
        self.kill(process)

    def _frozen(self, process: Process) -> None:
        process.frozen_until = self.t + self.rng.choice((5.0, 31.0, 70.0, 200.0))

    def _frozen_and_cut(self, process: Process) -> None:
        """A host that swaps, or whose network is away: the server gives up its sessions meanwhile."""
        self._frozen(process)
        process.let_go()
        process.cut()

    def _frozen_without_lock(self, process: Process) -> None:
        """Of its two connections only the one that proves its life has ended: it can still write, and must not."""
        self._frozen(process)
        process.let_go()

    def _cut(self, process: Process) -> None:
        process.cut()

    def _restart(self, process: Process) -> None:
        """The server starts anew: all sessions end, all locks are free, what was committed and synced stays."""
        self.db.lose_the_unsynced()
        self.sessions += 1
        self.down_until = self.t + self.rng.uniform(0.0, 4.0)
        self.sweeping = None
        self.db.started = self.t + self.db.offset
        for one in self.processes:
            if one.doing is not None:
                one.let_go()
                self.db.roll_back(one.number)

    def _clock(self, process: Process) -> None:
        jump = self.rng.choice((-3600.0, -40.0, 40.0, 3600.0))
        if self.rng.random() < 0.5:
            self.db.offset += jump
        else:
            process.offset += jump

    def _asleep(self, process: Process) -> None:
        """A worker hangs, and somebody sets the clock of the database's host and all others ahead."""
        self._frozen_without_lock(process)
        self.db.offset += 3600.0
        for one in self.processes:
            one.offset += 3600.0

    def _power(self, process: Process) -> None:
        for one in self.processes:
            self.kill(one)
        self.disk.power_cut()
        self._restart(process)
        at_commit(self)

    def _full(self, process: Process) -> None:
        self.disk.full_until = self.t + 20.0

    def _silent(self, process: Process) -> None:
        self.receivers["asked"].silent_until = self.t + 60.0

    def _operator(self, process: Process) -> None:
        rows: list[uuid.UUID] = list(self.db.deliveries)
        choice = self.rng.randrange(7)
        if choice == 0:
            self.db.cancel()
        elif choice < 3:
            self.db.hold()
        elif choice == 3:
            self.db.release()
        elif rows:
            before, after = (("ready", "held"), ("held", "ready"), ("ready", "cancelled"))[choice - 4]
            if not (self.db.on_hold and after == "ready"):
                self.db.switch(self.rng.choice(rows), before, after)
        self.committed()

    def mend(self) -> None:
        """Nothing breaks any more, clocks are set right, receivers behave, who held a letter lets it go."""
        self.note(None, "-- from here on all is well")
        self.chaos, self.poison = False, False
        self.db.offset = 0.0
        self.disk.full_until = 0.0
        for receiver in self.receivers.values():
            receiver.mood = receiver.silent_until = 0.0
        for process in self.processes:
            process.offset = 0.0
            process.idle = 1.0
        self.db.release()
