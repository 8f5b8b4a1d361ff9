"""Telling whoever listens that facts have changed, by PostgreSQL's NOTIFY. What is told is a topic, never a fact.

``tell`` stands beside the rows it is about and is heard only after they are committed. The NOTIFY itself is no part of
that transaction: one that holds a NOTIFY takes a lock of the whole server while it commits, which would put all workers
in a queue. So a thread of this process, with a session of its own, sends each topic at once and then at most every
half second; the last change is always told. Nobody may rely on a notice: a process may die with one unsent, and a
listener may be away. Rows are the truth (ADR 0012), and pages poll where no notice comes (ADR 0019).
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import uuid

import psycopg
from django.conf import settings
from django.db import transaction

log = logging.getLogger("postroom.notices")

CHANNEL = "postroom"
#: Topics. Runs that began, moved or ended; deliveries that moved; records set aside, or let go on; letters that were
#: handed in, approved or sent back.
RUNS, DELIVERIES, SET_ASIDE, LETTERS = "runs", "deliveries", "set-aside", "letters"
_RUN, _GONE = "run:", "gone:"

#: Seconds between two notices of one topic from this process.
PAUSE = 0.5
_QUIET = 20.0
_RETRY = 1.0
_TRIES = 60


def tell(*topics: str) -> None:
    """Once the present transaction is committed (at once outside one), say that something of ``topics`` changed."""
    transaction.on_commit(lambda: _herald.note(topics), robust=True)


def of_run(run_id: uuid.UUID | str | None) -> tuple[str, ...]:
    """The topic of one run; none for what belongs to no run."""
    return () if run_id is None else (f"{_RUN}{run_id}",)


def gone(user_id: int) -> str:
    """The topic that ends a person's streams: a session ended, or their roles changed."""
    return f"{_GONE}{user_id}"


def run_in(topic: str) -> str:
    """The id of the run a topic is about, or an empty text."""
    return topic.removeprefix(_RUN) if topic.startswith(_RUN) else ""


def person_in(topic: str) -> int | None:
    """The person whose streams a topic ends."""
    number = topic.removeprefix(_GONE) if topic.startswith(_GONE) else ""
    return int(number) if number.isdecimal() else None


class Herald:
    """The sender of this process. Its thread and session live while there is something to tell, and a little longer."""

    def __init__(self) -> None:
        self._guard = threading.Condition()
        self._pending: dict[str, None] = {}
        self._next: dict[str, float] = {}
        self._thread: threading.Thread | None = None
        self._closing = False
        self._failures = 0
        self._session: psycopg.Connection | None = None
        self._url = ""

    def note(self, topics: tuple[str, ...]) -> None:
        """Have ``topics`` told. Costs the caller microseconds; never raises for the database's sake."""
        with self._guard:
            self._pending.update(dict.fromkeys(topics))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="postroom-notices", daemon=True)
                self._thread.start()
            self._guard.notify()

    def stop(self, *, flush: bool, patience: float = 2.0) -> None:
        """End the thread and its session; with ``flush`` what is pending is told first."""
        with self._guard:
            thread = self._thread
            if not flush:
                self._pending.clear()
            self._closing = True
            self._guard.notify()
        if thread is not None:
            thread.join(patience)
        with self._guard:
            self._closing = False

    def _run(self) -> None:
        while due := self._due():
            self._send(due)

    def _due(self) -> list[str]:
        """The topics whose turn it is, when it is; nothing when there was quiet for long, or the end is near."""
        with self._guard:
            quiet_at = time.monotonic() + _QUIET
            while True:
                now = time.monotonic()
                due = [topic for topic in self._pending if self._closing or self._next.get(topic, 0.0) <= now]
                if due:
                    for topic in due:
                        del self._pending[topic]
                    self._next = {topic: at for topic, at in self._next.items() if at > now}
                    self._next.update(dict.fromkeys(due, now + PAUSE))
                    return due
                if not self._pending and (self._closing or now >= quiet_at):
                    self._disconnect()
                    self._thread = None
                    return []
                wanted = min((self._next[topic] for topic in self._pending), default=quiet_at)
                self._guard.wait(max(0.0, wanted - now))

    def _send(self, topics: list[str]) -> None:
        try:
            self._connected().execute("SELECT pg_notify(%s, told) FROM unnest(%s::text[]) told", (CHANNEL, topics))
            self._failures = 0
        except psycopg.Error as error:
            self._disconnect()
            self._failures += 1
            with self._guard:
                if self._closing or self._failures > _TRIES:
                    log.warning("%d notices could not be sent: %s", len(topics), error)
                    self._failures = 0
                    return
                self._pending.update(dict.fromkeys(topics))
                self._next.update(dict.fromkeys(topics, time.monotonic() + _RETRY))

    def _connected(self) -> psycopg.Connection:
        """The session; a new one when it broke, or the database is another one."""
        if self._session is None or self._url != settings.DATABASE_URL:
            self._disconnect()
            self._url = settings.DATABASE_URL
            self._session = psycopg.connect(
                self._url, autocommit=True, connect_timeout=5, application_name="postroom-notices"
            )
            # A notice takes a transaction number, so its commit would wait for the disk; it need not survive a crash.
            self._session.execute("SET synchronous_commit = off")
        return self._session

    def _disconnect(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


_herald = Herald()


def let_go() -> None:
    """Forget what is pending and end the session (another database comes: tests, a restore)."""
    _herald.stop(flush=False)


def _in_child() -> None:
    """A forked child has neither our thread nor a right to our session."""
    global _herald
    _herald = Herald()


def _at_exit() -> None:
    """A command ends right after its commit: what it did is still told."""
    _herald.stop(flush=True)


os.register_at_fork(after_in_child=_in_child)
atexit.register(_at_exit)
