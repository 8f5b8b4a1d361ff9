"""The roles a process can have: it delivers, composes, or sweeps, over and over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from postroom.delivery.protocol import Patience, recovering, serving
from postroom.kernel.liveness import WorkerLockLost
from postroom.production import protocol as p
from postroom.vault.errors import DiskFull
from simulation.process import Life, Process
from simulation.receivers import TAKE_OVER

if TYPE_CHECKING:
    from simulation.world import World

#: An idle process asks again after so long, then less and less often: nothing but time has to pass.
_LONGEST_IDLE = 900.0


class Deliverer(Process):
    """Serves one destination after the other. What goes wrong is over with the turn, as in a task."""

    def life(self) -> Life:
        names = list(self.world.receivers)
        while self.number in self.world.db.held:
            before = self.world.commits
            try:
                yield from self.carry(serving(self.world.rng.choice(names), 15.0))
            except WorkerLockLost:
                return
            except Exception:  # the task failed; the next one comes
                self.world.note(self, "the task failed")
            yield self.rest(before)
        self.world.note(self, "lost its lock")

    def rest(self, before: int) -> float:
        self.idle = 1.0 if self.world.commits > before + 1 else min(self.idle * 2, _LONGEST_IDLE)
        return self.idle * self.world.rng.uniform(0.5, 1.5)


@dataclass(slots=True)
class Job:
    """A chunk in hand."""

    chunk: Any
    tries: int
    records: list[int]


class Composer(Deliverer):
    """Composes chunk after chunk."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.handlers |= {
            p.NewClaim: lambda _: world.db.new_id(),
            p.TakeChunk: lambda wanted: self.transact(
                "take chunk", lambda: world.db.take_chunk(wanted.chunk, wanted.claim, self.number), synced=False
            ),
            p.Load: self.load,
            p.Make: self.make,
            p.PutBytes: self.put_bytes,
            p.CommitChunk: self.commit,
            p.GiveUp: self.give_up,
            p.Release: self.release,
            p.SettleRun: lambda _: self.transact("settle run", world.db.settle_run),
            p.Taken: lambda _: None,
        }

    def life(self) -> Life:
        chunks = list(self.world.db.chunks)
        while self.number in self.world.db.held:
            before = self.world.commits
            try:
                yield from self.carry(p.composing(self.world.rng.choice(chunks)))
            except Exception:  # the task failed; the sweep wakes the chunk again
                self.world.note(self, "the task failed")
            yield self.rest(before)
        self.world.note(self, "lost its lock")

    def load(self, wanted: p.Load) -> Life:
        def action() -> Job:
            chunk = self.world.db.chunks[wanted.chunk]
            return Job(chunk.pk, chunk.tries, [one for one in chunk.records if self.world.db.records[one] == "waiting"])

        return self.transact("load", action, synced=False)

    def make(self, wanted: p.Make) -> Life:
        yield self.world.rng.uniform(0.1, 5.0)
        if self.world.poison and self.world.rng.random() < 0.5:
            raise RuntimeError("a fault that meets the whole chunk")

    def put_bytes(self, wanted: p.PutBytes) -> Life:
        world = self.world
        yield "append"
        blobs = world.disk.append(len(wanted.job.records))
        yield "sync"
        if world.t < world.disk.full_until:
            raise DiskFull("There is no room left.", hint="Free space.")
        if world.mutant != "no-sync":
            world.disk.sync(blobs)
        yield "synced"
        return blobs

    def commit(self, wanted: p.CommitChunk) -> Life:
        job, db = wanted.job, self.world.db

        def action() -> None:
            check = self.world.mutant != "no-claim"
            if db.close_chunk(job.chunk, wanted.claim, job.records, "composed", check=check):
                self.put_documents(job.records, wanted.batch)

        return self.transact("commit chunk", action)

    def give_up(self, wanted: p.GiveUp) -> Life:
        job, db = wanted.job, self.world.db
        return self.transact("give up", lambda: db.close_chunk(job.chunk, wanted.claim, job.records, "set_aside"))

    def release(self, wanted: p.Release) -> Life:
        self.reconnect()
        db = self.world.db
        return self.transact("release", lambda: db.release_chunk(wanted.chunk, wanted.claim, blame=wanted.blame))


class Sweeper(Process):
    """Sweeps in turn with the others: a lock of the session lets one of them."""

    sweeps = True

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.handlers |= {
            p.Gone: lambda _: self.transact("gone", self.gone),
            p.FreeChunks: lambda wanted: self.transact("free chunks", lambda: world.db.free_chunks(wanted.gone)),
            p.Recover: lambda wanted: self.carry(
                recovering(wanted.gone, None if world.mutant == "no-patience" else self.silent)
            ),
            p.StopTheCancelled: lambda _: self.transact("stop the cancelled", world.db.cancel_waiting),
            p.OpenAgain: lambda _: self.transact("open again", world.db.open_again),
            p.WakeForgotten: lambda _: None,
            p.SettleRuns: lambda _: self.transact("settle runs", world.db.settle_run),
        }

    def born(self) -> None:
        super().born()
        self.silent = Patience(TAKE_OVER)
        self.locks = Patience(-1.0 if self.world.mutant == "no-patience" else TAKE_OVER)

    def gone(self) -> tuple[list[int], list[int]]:
        db, server = self.world.db, self.world.t + self.world.db.offset
        gone_long = db.note_the_gone(server, TAKE_OVER)
        return db.gone_now(), gone_long

    def life(self) -> Life:
        while self.number in self.world.db.held:
            before = self.world.state()
            if self.world.sweeping in (None, self) or not self.world.holds_sweep(self.world.sweeping):
                self.world.sweeping = self
                try:
                    yield from self.carry(p.sweeping(self.locks))
                except Exception:  # the next round tries again
                    self.world.note(self, "the round failed")
                self.world.sweeping = None
            self.idle = 4.0 if self.world.state() != before or self.world.chaos else min(self.idle * 2, _LONGEST_IDLE)
            yield self.idle * self.world.rng.uniform(0.5, 1.5)
        self.world.note(self, "lost its lock")
