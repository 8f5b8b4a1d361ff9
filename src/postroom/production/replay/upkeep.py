"""What the sweep does for replays: wake the forgotten, and delete what is old with all its pictures (P11)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from postroom.composition.checks.models import MOVING, Replay
from postroom.kernel import clock
from postroom.production.replay.pictures import forget, forget_others
from postroom.production.replay.wake import REPLAY_TASK, wake_replay

#: So long rows and pictures of a replay are kept; what was signed stays in the ledger, as a digest.
KEPT = dt.timedelta(days=14)
#: A replay nobody went on with for this long lost its wake-up.
LOST_AFTER = dt.timedelta(seconds=60)


def wake_forgotten_replays() -> int:
    """Wakes replays whose worker died, or whose wake-up was lost; how many."""
    if ProcrastinateJob.objects.filter(task_name=REPLAY_TASK, status__in=("todo", "doing")).exists():
        return 0
    now = clock.now()
    with transaction.atomic():
        lost = Replay.objects.select_for_update(skip_locked=True).filter(
            state__in=MOVING, taken_at__lt=now - LOST_AFTER
        )
        found = list(lost.order_by("pk").values_list("pk", flat=True)[:100])
        Replay.objects.filter(pk__in=found).update(taken_at=now)
        for replay_id in found:
            wake_replay(replay_id)
    return len(found)


def forget_old_replays() -> int:
    """Deletes replays whose time is over, and pictures that belong to none; how many replays."""
    old = list(Replay.objects.filter(started_at__lt=clock.now() - KEPT).values_list("pk", flat=True))
    Replay.objects.filter(pk__in=old).delete()
    for replay_id in old:
        forget(replay_id)
    forget_others({str(pk) for pk in Replay.objects.values_list("pk", flat=True)})
    return len(old)
