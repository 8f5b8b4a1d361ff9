"""One worker process: it holds a lock that proves it lives, serves queues, and sweeps up after the dead.

Procrastinate wakes it; rows tell it what to do. When its lock's session breaks it stops at once, and its supervisor
starts another.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections, connection

from postroom.api.idempotency import purge_idempotent_requests
from postroom.composition.compose import close_cells
from postroom.composition.proofs import look_before_use
from postroom.delivery.channels import close_channels
from postroom.kernel import liveness
from postroom.kernel.meters import METERS, PROCESS
from postroom.kernel.tasks_env import in_hand
from postroom.ledger.checkpoint import keep_up
from postroom.production.pressure import LEAVING
from postroom.production.recovery import HEARTBEAT, sweep
from postroom.production.replay.upkeep import forget_old_replays, wake_forgotten_replays
from postroom.production.reproduce.nightly import tonight
from postroom.project.joining import Watch, require_same_schema
from postroom.project.lanes import ROLES, lanes_of
from postroom.project.supervisor import SUPERVISOR
from postroom.schedules.sweep import sweep_schedules
from postroom.vault import keys, pieces, places
from postroom.vault.spec import RemoteStore
from postroom.vault.upkeep import upkeep
from postroom.web.bulk import wake_forgotten

__all__ = ["ROLES", "purge", "work"]

log = logging.getLogger("postroom.worker")

_GRACE = 25.0
_UPKEEP = 15.0
#: Seconds between two looks whether the database was migrated under us, and between two purges.
_SCHEMA, _PURGE = 10.0, 3600.0
#: A finished task is deleted by whoever did it; what is still there after so many hours was left by a crash.
_OLD_TASKS = 24


def work(roles: Sequence[str], concurrency: int = 1) -> int:
    """Serve ``roles`` until told to stop, with so many places in each lane. The exit code: 0 stopped on purpose, 75
    lost the lock or the schema (start me again). Raises SchemaDiffers."""
    from procrastinate.contrib.django import app

    require_same_schema()
    keys.ready()  # without the vault's key nothing could be stored: say so at the start
    look_before_use()
    lock = liveness.WorkerLock(",".join(roles)).take()
    liveness.become(lock)
    METERS.begin(os.environ.get(PROCESS) or "+".join(roles))
    connection.close()
    stopping = threading.Event()
    lost = threading.Event()
    parent = int(os.environ.get(SUPERVISOR) or os.getppid())

    async def serve() -> None:
        lanes = lanes_of(roles)
        places = ThreadPoolExecutor(max_workers=concurrency * len(lanes) + 4, thread_name_prefix="task")
        asyncio.get_running_loop().set_default_executor(places)
        worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        async with worker_app.open_async():
            tasks = [
                asyncio.ensure_future(
                    worker_app.run_worker_async(
                        name=lane.name,
                        queues=list(lane.queues),
                        concurrency=concurrency,
                        install_signal_handlers=False,
                        listen_notify=True,
                        fetch_job_polling_interval=1.0,
                        delete_jobs="always",
                        shutdown_graceful_timeout=20,
                        update_heartbeat_interval=HEARTBEAT,
                    )
                )
                for lane in lanes
            ]
            while not stopping.is_set() and not any(task.done() for task in tasks):
                await asyncio.sleep(0.2)
                if os.getppid() != parent:  # the supervisor was killed: nobody would ever stop us
                    stopping.set()
                if not await asyncio.to_thread(lock.alive):
                    lost.set()
                    break
            LEAVING.set()
            for task in tasks:
                task.cancel()
            _end_in(_GRACE)
            while (await asyncio.wait(tasks, timeout=0.2))[1]:
                if not lost.is_set() and not await asyncio.to_thread(lock.alive):
                    lost.set()
                if lost.is_set() and not in_hand():
                    # What is left is Procrastinate, which waits for a database that is away; its jobs are forgotten
                    # by the sweep. Whoever comes next can be at work a moment after the database is.
                    close_cells()
                    os._exit(75)
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended

    def keep_watch() -> None:
        watch = Watch()
        while not stopping.wait(_SCHEMA):
            if told := watch.told():
                log.error("worker %s stops: %s", lock.number, told)
                lost.set()
                stopping.set()
                _end_in(_GRACE)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    sweeper = threading.Thread(target=_sweep_until, args=(stopping,), daemon=True) if "sweep" in roles else None
    if sweeper:
        sweeper.start()
    there = places.remote()
    if sweeper or there is not None:
        threading.Thread(target=_keep_vault_until, args=(stopping, bool(sweeper)), daemon=True).start()
    if there is not None:
        threading.Thread(target=pieces.answer, args=(stopping, there), daemon=True).start()
    threading.Thread(target=keep_watch, daemon=True).start()
    try:
        asyncio.run(serve())
    except Exception as error:  # a broken database connection comes in many shapes; all mean: start me again
        log.error("worker %s stops: %r", lock.number, error)
        lost.set()
    stopping.set()
    close_cells()
    close_channels()
    if there is not None and not lost.is_set():
        _leave(there)
    lock.release()
    if lost.is_set():
        os._exit(75)  # threads may hang in dead connections; what they were doing is recovered
    return 0


def _leave(there: RemoteStore) -> None:
    """This host may be switched off for good: what only its disk has goes where others can read it."""
    try:
        close_old_connections()
        pieces.leave(there)
    except Exception as error:  # broad: it stays on this disk, and whoever needs it asks when a worker is here again
        log.warning("what others need was not handed over: %s", getattr(error, "message", None) or repr(error))


def _end_in(seconds: float) -> None:
    """End this process even if threads hang in dead connections for ever; asyncio would wait for them."""
    clock = threading.Timer(seconds, os._exit, (75,))
    clock.daemon = True
    clock.start()


def purge() -> None:
    """Forget what is over: answers kept for requests that are sent twice, sessions nobody can come back to, finished
    tasks of whoever died before it deleted them, and old replays with the pages they show."""
    purge_idempotent_requests()
    SessionStore.clear_expired()
    purge_tasks()
    forget_old_replays()


def purge_tasks() -> int:
    """Delete tasks that ended long ago; tasks that wait or are worked on stay. Returns how many it were.

    A task of a dead worker is deleted by the sweep (its rows are woken anew), a finished one by whoever did it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs j WHERE j.status IN ('succeeded', 'failed', 'cancelled', 'aborted')"
            " AND NOT EXISTS (SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id"
            "  AND e.at > now() - make_interval(hours => %s))",
            (_OLD_TASKS,),
        )
        return int(cursor.rowcount)


def _sweep_until(stopping: threading.Event) -> None:
    purge_at = 0.0
    while not stopping.wait(settings.CONFIG.sweep_interval):
        try:
            close_old_connections()
            sweep()
            wake_forgotten()
            wake_forgotten_replays()
            sweep_schedules()
            keep_up(settings.CONFIG.checkpoint_interval)
            if time.monotonic() >= purge_at:
                purge_at = time.monotonic() + _PURGE
                purge()
        except Exception as error:  # the next sweep tries again; the worker's own lock tells when to give up
            log.warning("sweep: %r", error)
            connection.close()


def _keep_vault_until(stopping: threading.Event, sweeping: bool) -> None:
    """Beside the sweep, because a store that answers slowly must not keep it from what the dead have left. Workers
    that do not sweep see to the segments of their own home: no other host has them."""
    pause = _UPKEEP
    while not stopping.wait(pause):
        try:
            close_old_connections()
            upkeep(rewriting=sweeping)
            if sweeping:
                tonight(lambda: not stopping.is_set())
            pause = _UPKEEP
        except Exception as error:  # nothing was lost: the segments stay here until the store takes them
            log.warning("upkeep of the vault: %s", getattr(error, "message", None) or repr(error))
            pause = min(pause * 2, 16 * _UPKEEP)
            connection.close()
