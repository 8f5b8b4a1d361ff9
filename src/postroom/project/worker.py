"""One worker process: it holds a lock that proves it lives, serves queues, and sweeps up after the dead.

Procrastinate wakes it; rows tell it what to do. When its lock's session breaks it stops at once, and its supervisor
starts another.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Sequence

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections, connection

from postroom.api.idempotency import purge_idempotent_requests
from postroom.composition.compose import close_cells
from postroom.delivery.channels import close_channels
from postroom.delivery.wake import QUEUE as DELIVER_QUEUE
from postroom.kernel import liveness
from postroom.ledger.checkpoint import keep_up
from postroom.production.recovery import HEARTBEAT, sweep
from postroom.production.wake import COMPOSE_QUEUE, READ_QUEUE
from postroom.project.supervisor import SUPERVISOR
from postroom.vault import keys
from postroom.vault.upkeep import upkeep
from postroom.web.bulk import wake_forgotten
from postroom.web.wake import QUEUE as DESK_QUEUE

log = logging.getLogger("postroom.worker")

QUEUES = {"render": (COMPOSE_QUEUE,), "read": (READ_QUEUE, DESK_QUEUE), "deliver": (DELIVER_QUEUE,)}
ROLES = (*QUEUES, "sweep")
_GRACE = 25.0
_UPKEEP = 15.0


def work(roles: Sequence[str], concurrency: int = 1) -> int:
    """Serve ``roles`` until told to stop. The exit code: 0 stopped on purpose, 75 lost the lock (start me again)."""
    from procrastinate.contrib.django import app

    keys.ready()  # without the vault's key nothing could be stored: say so at the start
    lock = liveness.WorkerLock(",".join(roles)).take()
    liveness.become(lock)
    connection.close()
    stopping = threading.Event()
    lost = threading.Event()
    parent = int(os.environ.get(SUPERVISOR) or os.getppid())

    async def serve() -> None:
        queues = [queue for role in roles for queue in QUEUES.get(role, ())]
        worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        async with worker_app.open_async():
            task = asyncio.ensure_future(
                worker_app.run_worker_async(
                    queues=queues or ["none"],
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    listen_notify=True,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="always",
                    shutdown_graceful_timeout=20,
                    update_heartbeat_interval=HEARTBEAT,
                )
            )
            while not stopping.is_set() and not task.done():
                await asyncio.sleep(0.2)
                if os.getppid() != parent:  # the supervisor was killed: nobody would ever stop us
                    stopping.set()
                if not await asyncio.to_thread(lock.alive):
                    lost.set()
                    _end_in(_GRACE)
                    break
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    sweeper = threading.Thread(target=_sweep_until, args=(stopping,), daemon=True) if "sweep" in roles else None
    if sweeper:
        sweeper.start()
        threading.Thread(target=_keep_vault_until, args=(stopping,), daemon=True).start()
    try:
        asyncio.run(serve())
    except Exception as error:  # a broken database connection comes in many shapes; all mean: start me again
        log.error("worker %s stops: %r", lock.number, error)
        lost.set()
    stopping.set()
    close_cells()
    close_channels()
    lock.release()
    if lost.is_set():
        os._exit(75)  # threads may hang in dead connections; what they were doing is recovered
    return 0


def _end_in(seconds: float) -> None:
    """End this process even if threads hang in dead connections for ever; asyncio would wait for them."""
    clock = threading.Timer(seconds, os._exit, (75,))
    clock.daemon = True
    clock.start()


def purge() -> None:
    """Forget what is over: answers kept for requests that are sent twice, and sessions nobody can come back to."""
    purge_idempotent_requests()
    SessionStore.clear_expired()


def _sweep_until(stopping: threading.Event) -> None:
    purge_at = 0.0
    while not stopping.wait(settings.CONFIG.sweep_interval):
        try:
            close_old_connections()
            sweep()
            wake_forgotten()
            keep_up(settings.CONFIG.checkpoint_interval)
            if time.monotonic() >= purge_at:
                purge_at = time.monotonic() + 3600
                purge()
        except Exception as error:  # the next sweep tries again; the worker's own lock tells when to give up
            log.warning("sweep: %r", error)
            connection.close()


def _keep_vault_until(stopping: threading.Event) -> None:
    """Beside the sweep, because a store that answers slowly must not keep it from what the dead have left."""
    pause = _UPKEEP
    while not stopping.wait(pause):
        try:
            close_old_connections()
            upkeep()
            pause = _UPKEEP
        except Exception as error:  # nothing was lost: the segments stay here until the store takes them
            log.warning("upkeep of the vault: %s", getattr(error, "message", None) or repr(error))
            pause = min(pause * 2, 16 * _UPKEEP)
            connection.close()
