"""Telling a dead worker from a frozen one: a session advisory lock, free within milliseconds of a kill.

A heartbeat cannot tell a process stopped for ten seconds from one that is gone; PostgreSQL can, since the lock lives
as long as the worker's connection. A lost connection frees it too: so a worker asks ``alive`` right before each send,
and a send is shorter than the take-over delay.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from postroom import __version__
from postroom.kernel import clock
from postroom.kernel.errors import Unavailable
from postroom.kernel.models import Worker

#: First half of our advisory lock keys ("post" in ASCII); the second is the worker's own number.
LOCK_CLASS = 0x706F7374


class WorkerLockLost(Unavailable):
    """The connection that proves this worker lives is gone; it must not send any more."""

    code = "worker-lock-lost"
    title = "This worker lost its lock"


class WorkerLock:
    """Proof of life of this process, held from ``take`` to its end."""

    def __init__(self, roles: str) -> None:
        self.number = secrets.randbelow(2**31 - 1) + 1
        self.roles = roles
        self._guard = threading.Lock()
        self._session: psycopg.Connection | None = None

    def take(self) -> WorkerLock:
        self._session = psycopg.connect(settings.DATABASE_URL, autocommit=True, application_name="postroom-worker-lock")
        self._session.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_CLASS, self.number))
        Worker.objects.create(
            lock=self.number,
            host=socket.gethostname(),
            pid=os.getpid(),
            roles=self.roles,
            version=__version__,
            started_at=clock.now(),
        )
        return self

    def alive(self) -> bool:
        """Whether the lock's session still answers (about 0.1 ms)."""
        with self._guard:
            try:
                if self._session is None:
                    return False
                self._session.execute("SELECT 1")
                return True
            except psycopg.Error:
                return False

    def require(self) -> None:
        """Raises WorkerLockLost."""
        if not self.alive():
            raise WorkerLockLost(
                f"Worker {self.number} lost the database session that holds its lock.",
                hint="It stops and is started again; what it was doing is recovered.",
            )

    def release(self) -> None:
        with self._guard:
            if self._session is not None:
                self._session.close()
                self._session = None


_CURRENT: WorkerLock | None = None


def current() -> WorkerLock:
    """The lock of this process; taken at first use."""
    global _CURRENT
    if _CURRENT is None:
        _CURRENT = WorkerLock("direct").take()
    return _CURRENT


def become(lock: WorkerLock) -> None:
    """Make ``lock`` this process's own (called once by a worker at its start)."""
    global _CURRENT
    _CURRENT = lock


def held_locks() -> set[int]:
    """Numbers of all workers whose lock is held right now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            (LOCK_CLASS,),
        )
        return {row[0] for row in cursor.fetchall()}


def note_the_gone() -> list[int]:
    """Mark workers whose lock is free, and return all that have been gone for at least the take-over delay.

    The delay also starts anew with each start of the database server, which frees every lock at once.
    """
    gone = gone_now()
    # The database's clock on both sides: hosts may differ, and a demo may have fixed ours.
    Worker.objects.filter(gone_since=None, lock__in=gone).update(gone_since=Now())
    Worker.objects.exclude(gone_since=None).exclude(lock__in=gone).update(gone_since=None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lock FROM worker WHERE gone_since < now() - make_interval(secs => %s)"
            " AND pg_postmaster_start_time() < now() - make_interval(secs => %s)",
            (settings.CONFIG.take_over_delay, settings.CONFIG.take_over_delay),
        )
        return [row[0] for row in cursor.fetchall()]


def gone_now() -> list[int]:
    """All workers known to be gone, however short: enough for work that commits once or not at all.

    Rows first, then locks: a row is written after its lock was taken, so a worker just born is not among the gone.
    """
    known = list(Worker.objects.values_list("lock", flat=True))
    held = held_locks()
    return [lock for lock in known if lock not in held]


def living_roles() -> set[str]:
    """Roles that at least one living worker serves."""
    rows = Worker.objects.filter(lock__in=held_locks()).values_list("roles", flat=True)
    return {role for roles in rows for role in roles.split(",")}
