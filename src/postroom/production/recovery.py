"""The sweep: rows without a task get one, and what dead workers left is taken over.

Composing can be taken over at once, since a chunk commits once or not at all. Sending waits the take-over delay and
asks the receiver first (``delivery.dispatch.recover``). The order is in ``protocol.sweeping``.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from postroom.delivery import dispatch
from postroom.delivery.claiming import set_waits_right
from postroom.delivery.dispatch import due_destinations, ticks
from postroom.delivery.models import READY as DELIVERY_READY
from postroom.delivery.models import SENDING, Delivery
from postroom.delivery.protocol import Patience, Ticks
from postroom.delivery.wake import wake
from postroom.kernel import clock, liveness
from postroom.kernel.effects import Handlers
from postroom.kernel.effects import run as carry_through
from postroom.kernel.models import Worker
from postroom.ledger.append import Act, append
from postroom.production import protocol as p
from postroom.production.actions.cancel_run import cancel_waiting
from postroom.production.balance import keep_forgotten
from postroom.production.models import CLAIMED, READING, READY, SETTLED, WORKING, Chunk, DataOutput, Run
from postroom.production.settling import settle_run
from postroom.production.wake import READ_QUEUE, wake_composer, wake_data_writer, wake_reader

#: A row whose wake-up is older than this and that nobody works on has lost it.
LOST_AFTER = dt.timedelta(seconds=10)
#: A Procrastinate worker that was not heard of for so many seconds (it beats every HEARTBEAT) serves no more.
HEARTBEAT, SILENT_AFTER = 2.0, 10.0
_SWEEP_LOCK = 0x73776570


def sweep() -> None:
    """One round. Only one process sweeps at a time; the others pass."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (_SWEEP_LOCK,))
        if not cursor.fetchone()[0]:
            return
        try:
            _round()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (_SWEEP_LOCK,))


def _round() -> None:
    carry_through(p.sweeping(_patience("locks", settings.CONFIG.take_over_delay)), _SWEEPING)
    keep_forgotten()
    _forget_workers()


@lru_cache(maxsize=8)
def _patience(what: str, delay: float) -> Patience:
    """What this process has seen waiting, for as long as it lives. It has no say in what another one has seen."""
    return Patience(delay)


def recover(gone: list[int]) -> int:
    """What dead workers left in ``sending``, and what ended in silence, after a wait that no set clock can shorten."""
    return dispatch.recover(gone, _patience("silent", settings.CONFIG.take_over_delay))


def _gone() -> tuple[list[int], list[int]]:
    gone_long = liveness.note_the_gone()
    return liveness.gone_now(), gone_long


def _free(wanted: p.FreeChunks) -> None:
    gone = list(wanted.gone)
    _forget_jobs_of_the_dead()
    _free_chunks(gone)
    _free_readers(gone)


def _settle_runs() -> None:
    for run_id in Run.objects.filter(state=WORKING).values_list("pk", flat=True):
        settle_run(run_id)


def _stop_the_cancelled() -> None:
    for run in Run.objects.filter(state=WORKING).exclude(cancelled_at=None):
        with transaction.atomic():
            stopped = cancel_waiting(run)
            if stopped:
                append("system:sweep", [Act("run.cancelled", "run", run.pk, {"records": 0, "deliveries": stopped})])


def _open_again() -> None:
    """A settled run of which somebody sends a delivery again is at work again (P3)."""
    for state in (DELIVERY_READY, SENDING):  # one by one: each has its own partial index
        moving = Delivery.objects.filter(state=state).exclude(run_id=None).values("run_id")
        Run.objects.filter(state=SETTLED, pk__in=moving).update(state=WORKING, settled_at=None)


def _free_chunks(gone: list[int]) -> None:
    with transaction.atomic():
        for chunk in Chunk.objects.select_for_update(skip_locked=True).filter(state=CLAIMED, worker_lock__in=gone):
            chunk.state, chunk.claim, chunk.worker_lock, chunk.woken_at = READY, None, None, clock.now()
            chunk.save(update_fields=["state", "claim", "worker_lock", "woken_at"])
            wake_composer(chunk.pk)


def _free_readers(gone: list[int]) -> None:
    with transaction.atomic():
        for run in Run.objects.select_for_update(skip_locked=True).filter(state=READING, worker_lock__in=gone):
            run.worker_lock, run.woken_at = None, clock.now()
            run.save(update_fields=["worker_lock", "woken_at"])
            wake_reader(run.pk)


def _wake_forgotten() -> None:
    """Rows that wait although nobody was told. A wake-up too many does no harm."""
    now = clock.now()
    lost_wake_up = Q(woken_at__lt=now - LOST_AFTER) | Q(woken_at__gt=now + LOST_AFTER)  # the clock was put back
    with transaction.atomic():
        lost = Chunk.objects.select_for_update(skip_locked=True).filter(lost_wake_up, state=READY)[:200]
        if lost and not _jobs_wait("render"):
            for chunk in lost:
                Chunk.objects.filter(pk=chunk.pk).update(woken_at=now)
                wake_composer(chunk.pk)
    unread = Run.objects.filter(lost_wake_up, state=READING, worker_lock=None)
    if unread and not _jobs_wait(READ_QUEUE):
        with transaction.atomic():
            for run in unread.select_for_update(skip_locked=True):
                Run.objects.filter(pk=run.pk).update(woken_at=now)
                wake_reader(run.pk)
    unwritten = DataOutput.objects.filter(lost_wake_up, state=DataOutput.WAITING)
    if unwritten and not _jobs_wait(READ_QUEUE):
        for output in unwritten[:20]:
            DataOutput.objects.filter(pk=output.pk).update(woken_at=now)
            wake_data_writer(output.pk)
    set_waits_right()
    for destination in due_destinations():
        wake(destination)  # nothing happens where enough wake-ups wait already


def _jobs_wait(queue: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE queue_name = %s AND status IN ('todo', 'doing')"
            " AND (scheduled_at IS NULL OR scheduled_at <= now()))",
            (queue,),
        )
        return bool(cursor.fetchone()[0])


def _forget_jobs_of_the_dead() -> None:
    """Jobs of Procrastinate workers that stopped their heartbeat: the rows they were to serve are woken anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status = 'doing' AND (worker_id IS NULL OR NOT EXISTS"
            " (SELECT 1 FROM procrastinate_workers w WHERE w.id = worker_id"
            "  AND w.last_heartbeat > now() - make_interval(secs => %s)))",
            (SILENT_AFTER,),
        )


def _forget_workers() -> None:
    """Rows of workers long gone that left nothing behind."""
    past = clock.now() - dt.timedelta(days=1)
    Worker.objects.filter(gone_since__lt=past).exclude(
        lock__in=Delivery.objects.filter(state=SENDING, worker_lock__isnull=False).values("worker_lock")
    ).delete()


_SWEEPING: Handlers = {
    Ticks: lambda _: ticks(),
    p.Gone: lambda _: _gone(),
    p.FreeChunks: _free,
    p.Recover: lambda wanted: recover(list(wanted.gone)),
    p.StopTheCancelled: lambda _: _stop_the_cancelled(),
    p.OpenAgain: lambda _: _open_again(),
    p.WakeForgotten: lambda _: _wake_forgotten(),
    p.SettleRuns: lambda _: _settle_runs(),
}
