"""The modelled database beside the real one: the same random operations on both, compared after each."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import Any

import pytest

from simulation.database import EPOCH, ChunkRow, Database, Row

_WORKERS = (11, 12, 13)


class Both:
    """A run with two chunks and three deliveries in PostgreSQL, and the same in the model."""

    def __init__(self, seed: int, pattern: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from postroom.delivery.models import Delivery, Tally
        from postroom.documents.models import Communication
        from postroom.parties.models import Party
        from postroom.production.models import Chunk, Record, Run

        self.rng, self.at, self.monkeypatch = random.Random(seed), EPOCH, monkeypatch
        self.claimed: list[Any] = []
        self.claims: list[tuple[uuid.UUID, uuid.UUID]] = []
        self.model = Database()
        self._clock()
        # A claim takes from any run: what the sequence before has left is out of its way.
        Delivery.objects.filter(state="ready").update(state="cancelled")
        party, _ = Party.objects.get_or_create(
            key="F-1", defaults={"id": uuid.uuid4(), "name": "Fidelity", "created_at": EPOCH, "updated_at": EPOCH}
        )
        fields = {field.attname: getattr(pattern, field.attname) for field in Run._meta.concrete_fields}
        number = f"F-{seed:06}"
        self.run = Run.objects.create(
            **(fields | {"id": uuid.uuid4(), "ref": number, "run_key": number, "state": "working", "received": 2})
        )
        for no in (1, 2):
            chunk = Chunk.objects.create(id=uuid.uuid4(), run=self.run, no=no, state="ready", woken_at=EPOCH)
            Record.objects.create(
                id=uuid.uuid4(), run=self.run, chunk=chunk, ordinal=no, line=no, state="waiting", data="{}"
            )
            self.model.chunks[chunk.pk] = ChunkRow(chunk.pk, (no,))
            self.model.records[no] = "waiting"
        for ways in (("letters",), ("letters", "portal"), ("portal", "letters")):
            communication = Communication.objects.create(
                id=uuid.uuid4(), party=party, subject="x", language="en", run_id=self.run.pk, created_at=EPOCH
            )
            row = Row(uuid.uuid4(), 0, ways[0], ways[1:], EPOCH)
            Delivery.objects.create(
                id=row.pk, communication=communication, party_id=party.pk, run_id=self.run.pk,
                destination_id=ways[0], channel="folder", address="a", state="ready", fallbacks=list(ways[1:]),
                next_attempt_at=EPOCH, created_at=EPOCH, changed_at=EPOCH,
            )  # fmt: skip
            self.model.deliveries[row.pk] = row
        Tally.objects.create(run_id=self.run.pk, created=3)
        self.model.created = 3

    def _clock(self) -> None:
        self.monkeypatch.setenv("POSTROOM_CLOCK", self.at.isoformat())

    def step(self) -> tuple[str, Any, Any]:
        """One operation on both; its name and both answers."""
        from postroom.delivery import dispatch
        from postroom.delivery.claiming import claim
        from postroom.delivery.settle import settle
        from postroom.delivery.spec import Truth

        choice = self.rng.choice(
            ("claim", "claim", "settle", "settle", "put back", "left", "clock", "chunk", "operator")
        )
        if choice == "claim":
            where, worker = self.rng.choice(("letters", "portal")), self.rng.choice(_WORKERS)
            due = self.model.due(where, self.at)
            real = claim(where, worker)
            if real is None:
                return choice, None, due[0] if due else None
            self.claimed.append(real)
            modelled = next((row for row in due if row.pk == real.pk), None)
            return choice, real.key, modelled and self.model.claim(modelled, worker).key
        if choice == "settle" and self.claimed:
            attempt, outcome = self.rng.choice(self.claimed), self._outcome()
            askable = self.rng.random() < 0.5
            settled = self.model.settle(attempt.pk, attempt.key, outcome, self.at, self._plan(askable))
            return choice, settle(attempt, outcome, Truth.ACCEPTED, askable=askable), settled
        if choice == "put back" and self.claimed:
            attempt = self.rng.choice(self.claimed)
            dispatch._again(attempt)
            self.model.put_back(attempt.pk, attempt.key, self.at)
        if choice == "left":
            gone = self.rng.sample(_WORKERS, 2)
            from postroom.delivery.protocol import Left

            real_keys = sorted(row.key for row in dispatch._left(Left(gone)) if row.run_id == self.run.pk)
            return choice, real_keys, sorted(row.key for row in self.model.left(gone))
        if choice == "clock":
            self.at += dt.timedelta(seconds=self.rng.choice((-4000, 1, 400, 90_000)))
            self._clock()
        if choice == "chunk":
            return self._chunk()
        if choice == "operator":
            return self._operator()
        return choice, None, None

    def _outcome(self) -> Any:
        from postroom.delivery.spec import Deferred, Refused, Sent, Truth, Unknown

        return self.rng.choice(
            (
                Sent(Truth.ACCEPTED, "250"),
                Deferred("451", retry_after=self.rng.choice((None, 1.0, 1e6))),
                Deferred("4\x005"),
                Refused("unknown-mailbox", "550"),
                Refused("x" * 90, "no\x00"),
                Unknown("silence"),
            )
        )

    def _plan(self, askable: bool) -> Any:
        from django.conf import settings

        from postroom.delivery.decide import Plan
        from postroom.delivery.spec import Truth

        return Plan(Truth.ACCEPTED, askable, settings.CONFIG.retry_delays, settings.CONFIG.take_over_delay)

    def _chunk(self) -> tuple[str, Any, Any]:
        from postroom.kernel import liveness
        from postroom.production import pipeline, recovery
        from postroom.production import protocol as p
        from postroom.production.commit import give_up_chunk
        from postroom.production.errors import ClaimLost

        me, db = liveness.current().number, self.model
        choice = self.rng.choice(("take", "release", "give up", "free"))
        if choice == "take":
            chunk, claim = self.rng.choice(list(db.chunks)), uuid.uuid4()
            self.claims.append((chunk, claim))
            return choice, pipeline._take(p.TakeChunk(chunk, claim)), db.take_chunk(chunk, claim, me)
        if choice == "free":
            gone = self.rng.choice(([me], [1]))
            recovery._free_chunks(gone)
            db.free_chunks(gone)
        elif self.claims:
            chunk, claim = self.rng.choice(self.claims)
            if choice == "release":
                blame = self.rng.random() < 0.5
                pipeline._release(p.Release(chunk, claim, blame))
                db.release_chunk(chunk, claim, blame=blame)
                return choice, None, None
            works = pipeline.load(chunk)
            answers: list[str] = []
            records = [one for one in db.chunks[chunk].records if db.records[one] == "waiting"]
            self.run.refresh_from_db()
            for close in (
                lambda: give_up_chunk(self.run, chunk, claim, works),
                lambda: db.close_chunk(chunk, claim, records, "set_aside"),
            ):
                try:
                    close()
                    answers.append("closed")
                except ClaimLost:
                    answers.append("lost")
            return choice, answers[0], answers[1]
        return choice, None, None

    def _operator(self) -> tuple[str, Any, Any]:
        from postroom.delivery.models import Delivery
        from postroom.identity.actor import SYSTEM
        from postroom.kernel.errors import Conflict
        from postroom.production.actions.cancel_run import cancel_run
        from postroom.production.settling import settle_run

        choice = self.rng.choice(("cancel", "hold", "hold", "let go", "settle run"))
        if choice == "settle run":
            return choice, settle_run(self.run.pk), self.model.settle_run()
        if choice == "cancel" and self.rng.random() < 0.4:
            modelled = self.model.cancel()
            self.model.settle_run()
            try:
                cancel_run(SYSTEM, self.run.pk, "Wrong prices")
            except Conflict:
                return choice, False, modelled
            return choice, True, modelled
        before, after = ("ready", "held") if choice == "hold" else ("held", "ready")
        pk = self.rng.choice(list(self.model.deliveries))
        changed = Delivery.objects.filter(pk=pk, state=before).update(state=after)
        modelled = self.model.switch(pk, before, after)
        self.model._wait(self.model.deliveries[pk])
        return choice, bool(changed), modelled

    def states(self) -> tuple[Any, Any]:
        """Both states, in the same words. A fallback has an id of its own in each."""
        from postroom.delivery.models import Delivery, Tally
        from postroom.production.models import Chunk, Record, Run

        real_rows = list(Delivery.objects.filter(run_id=self.run.pk).order_by("created_at", "id"))
        for row in real_rows:
            if row.pk not in self.model.deliveries:
                fresh = [one for one in self.model.deliveries.values() if one.fallback_for == row.fallback_for]
                modelled = next(one for one in fresh if one.pk.int < 1 << 64)
                del self.model.deliveries[modelled.pk]
                modelled.pk = row.pk
                self.model.deliveries[row.pk] = modelled
        real = (
            {row.pk: (row.destination_id, tuple(row.fallbacks), row.fallback_for, row.state, row.truth, row.code,
                      row.attempts, row.key, row.worker_lock, row.next_attempt_at) for row in real_rows},
            sorted(Chunk.objects.filter(run=self.run).values_list("pk", "state", "claim", "worker_lock", "tries")),
            list(Record.objects.filter(run=self.run).order_by("ordinal").values_list("state", flat=True)),
            Run.objects.get(pk=self.run.pk).state,
            Tally.objects.get(run_id=self.run.pk).created,
        )  # fmt: skip
        db = self.model
        modelled_state = (
            {row.pk: (row.destination, row.fallbacks, row.fallback_for, row.state, row.truth, row.code,
                      row.attempts, row.key, row.worker_lock, row.next_attempt_at) for row in db.deliveries.values()},
            sorted((one.pk, one.state, one.claim, one.worker_lock, one.tries) for one in db.chunks.values()),
            [db.records[number] for number in sorted(db.records)],
            db.run_state,
            db.created,
        )  # fmt: skip
        return real, modelled_state


def differs(seeds: range, pattern: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The first place where the model and PostgreSQL part; empty when they never do."""
    for seed in seeds:
        both = Both(seed, pattern, monkeypatch)
        told = []
        for _ in range(14):
            what, real, modelled = both.step()
            told.append(f"{what}: {real}")
            if real != modelled:
                return f"seed {seed}: {told}: the model says {modelled}"
            real_state, modelled_state = both.states()
            if real_state != modelled_state:
                return f"seed {seed}: {told}\n{real_state}\n{modelled_state}"
    return ""
