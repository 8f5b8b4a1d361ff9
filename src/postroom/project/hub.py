"""Where notices come in and streams go out: one LISTEN per process, one count per set of roles, however many people.

What somebody may see follows from their roles, so people with the same roles are told the same, and a notice costs the
database a handful of queries whether two pages are open or two hundred. A stream holds one merged state that waits to
be sent, never a queue: a slow reader costs no memory and misses nothing but what is out of date.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from django.db import close_old_connections, connection

from postroom.identity.actor import Actor
from postroom.identity.roles import permissions_of
from postroom.kernel import notices
from postroom.kernel.meters import hold
from postroom.production.models import Run
from postroom.web.counts import Counts, counts_of
from postroom.web.live import PASS_AGE, Pass

log = logging.getLogger("postroom.events")
Roles = tuple[str, ...]
Answer = TypeVar("Answer")

#: Seconds: between two tellings, between two beats, of a stream's life, and until the database is asked for again.
TOGETHER, BEAT, LIFE, AGAIN = 0.25, 15.0, 600.0, 1.0
MOST, MOST_OF_ONE = 1000, 16
_SEES = {
    notices.RUNS: "run.view",
    notices.DELIVERIES: "delivery.view",
    notices.SET_ASIDE: "record.view",
    notices.LETTERS: "letter.write",
}


class Full(Exception):
    """Nobody else can be served now, or not this person; their page polls."""


@dataclass(eq=False, slots=True)
class Stream:
    """One open page. ``over`` is the reason why it ends."""

    user: int
    roles: Roles
    until: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    counts: Counts | None = None
    told: Counts | None = None
    changed: set[str] = field(default_factory=set)
    beat: bool = False
    over: str = ""

    def tell(self, counts: Counts | None, changed: Iterable[str] = ()) -> None:
        """Merge into what waits to be sent."""
        self.counts = counts or self.counts
        self.changed.update(changed)
        if self.changed or self.counts != self.told:
            self.wake.set()

    def end(self, reason: str) -> None:
        self.over = self.over or reason
        self.wake.set()

    def take(self) -> bytes:
        """What is to be sent now, in the form of server-sent events."""
        self.wake.clear()
        said: dict[str, Any] = {}
        if self.counts != self.told:
            said["counts"] = self.told = self.counts
        if self.changed:
            said["changed"] = sorted(self.changed)
            self.changed.clear()
        beat, self.beat = self.beat, False
        if self.over:
            return _event("over", self.over)
        if said:
            return _event("told", json.dumps(said, separators=(",", ":")))
        return _event("beat", "") if beat else b""


class Hub:
    """All streams of this process, and its ear at the database. Lives in one event loop."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.listening = False
        self._counts: dict[Roles, asyncio.Task[Counts]] = {}
        self._refs: dict[str, str] = {}
        self._heard: set[str] = set()
        self._due = asyncio.Event()
        self._gone: dict[int, float] = {}
        self._thread = ThreadPoolExecutor(1, "postroom-counts")
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen. Called inside the loop."""
        self._tasks = [asyncio.ensure_future(work) for work in (self._listen(), self._pass_on(), self._beat())]

    async def stop(self) -> None:
        """End all streams and let go of the database."""
        for stream in self.streams:
            stream.end("stopping")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

        def let_go() -> None:
            connection.close()  # looked up in that thread: each has a session of its own

        await asyncio.get_running_loop().run_in_executor(self._thread, let_go)
        self._thread.shutdown()

    # --- streams ----------------------------------------------------------------------------------------------------

    async def open(self, shown: Pass) -> Stream | None:
        """A stream for who shows this pass; None when they were sent away since it was made. Raises Full."""
        if shown.at <= self._gone.get(shown.user, 0.0):
            return None
        own = sum(stream.user == shown.user for stream in self.streams)
        if not self.listening or len(self.streams) >= MOST or own >= MOST_OF_ONE:
            raise Full
        stream = Stream(shown.user, shown.roles, time.monotonic() + LIFE * random.uniform(0.9, 1.1))  # noqa: S311
        self.streams.add(stream)
        hold("postroom_event_streams", len(self.streams))
        try:
            stream.tell(await self.counts_for(stream))
        except BaseException:
            self.close(stream)
            raise
        return stream

    def close(self, stream: Stream) -> None:
        self.streams.discard(stream)
        hold("postroom_event_streams", len(self.streams))
        if all(other.roles != stream.roles for other in self.streams):
            self._counts.pop(stream.roles, None)

    async def counts_for(self, stream: Stream) -> Counts:
        """The present counts of the stream's roles: counted by the first who asks, shared by the others."""
        counting = self._counts.get(stream.roles)
        if counting is None or (counting.done() and (counting.cancelled() or counting.exception())):
            counting = self._counts[stream.roles] = asyncio.ensure_future(self._count(stream.roles))
        return await asyncio.shield(counting)

    async def _count(self, roles: Roles) -> Counts:
        actor = Actor("system:events", frozenset(roles), permissions_of(list(roles)))
        return await self._ask(lambda: counts_of(actor))

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        """In the one thread that has the one session for queries."""

        def asked() -> Answer:
            close_old_connections()
            try:
                return question()
            except Exception:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._thread, asked)

    # --- what goes out ------------------------------------------------------------------------------------------------

    async def _pass_on(self) -> None:
        """Tell at once what is heard after a pause, and together what is heard soon after."""
        while True:
            await self._due.wait()
            self._due.clear()
            heard, self._heard = self._heard, set()
            try:
                await self.tell_all(heard)
            except Exception as error:  # the next notice tells it; pages poll once a minute besides
                log.warning("what changed cannot be counted: %r", error)
            await asyncio.sleep(TOGETHER)

    async def tell_all(self, heard: set[str]) -> None:
        """Count once for each set of roles that is present, and give every stream what it may know."""
        topics = await self._named(heard)
        self._counts.clear()
        for stream in list(self.streams):
            seen = {topic for topic in topics if _may(stream.roles, topic)}
            stream.tell(await self.counts_for(stream), seen)

    async def _named(self, heard: set[str]) -> set[str]:
        """Runs are told by their reference, which pages know; facts below them know their id."""
        ids = {topic: notices.run_in(topic) for topic in heard if notices.run_in(topic)}
        unknown = [run_id for run_id in ids.values() if run_id not in self._refs]
        if unknown:
            rows = await self._ask(lambda: list(Run.objects.filter(pk__in=unknown).values_list("pk", "ref")))
            if len(self._refs) > 10_000:
                self._refs.clear()
            self._refs.update((str(run_id), ref) for run_id, ref in rows)
        named = {f"run:{self._refs[run_id]}" for run_id in ids.values() if run_id in self._refs}
        return named | {topic for topic in heard if topic in _SEES}

    async def _beat(self) -> None:
        """Show that a stream lives, and end those that have lived long enough: what they may see is asked anew."""
        while True:
            await asyncio.sleep(BEAT)
            now = time.monotonic()
            for stream in list(self.streams):
                stream.beat = True
                stream.wake.set()
                if now >= stream.until:
                    stream.end("old")
            oldest = time.time() - 2 * PASS_AGE
            self._gone = {user: at for user, at in self._gone.items() if at > oldest}

    # --- what comes in ------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("the database does not tell us anything any more: %s", error)
            self.listening = False
            self._counts.clear()
            for stream in self.streams:
                stream.end("deaf")  # something may be missed from here on; pages poll, and come back
            await asyncio.sleep(AGAIN * random.uniform(1, 2))  # noqa: S311

    async def _listen_once(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            settings.DATABASE_URL, autocommit=True, connect_timeout=5, application_name="postroom-events"
        ) as session:
            await session.execute(f"LISTEN {notices.CHANNEL}")
            self.listening = True
            while True:
                async for notice in session.notifies(timeout=20):
                    self._hear(notice.payload)
                await asyncio.wait_for(session.execute("SELECT 1"), 10)  # a dead line is not silence

    def _hear(self, topic: str) -> None:
        person = notices.person_in(topic)
        if person is not None:
            self._gone[person] = time.time()
            for stream in self.streams:
                if stream.user == person:
                    stream.end("gone")
            return
        self._heard.add(topic)
        self._due.set()


def _may(roles: Roles, topic: str) -> bool:
    return _SEES.get(topic, "run.view") in permissions_of(list(roles))


def _event(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()
