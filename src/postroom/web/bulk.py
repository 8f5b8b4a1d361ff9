"""Acts on many rows that go on when their page is left.

A worker goes on with a work; its task is only a wake-up, deferred in the transaction that keeps the work. Each row is
acted on in one transaction together with the count of rows that are through, under a lock on the work: whoever goes on
with it, and after however many deaths, acts on each row once (P4).
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Sequence

from django.db import InterfaceError, OperationalError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from postroom.delivery import queries
from postroom.delivery.actions.cancel_delivery import cancel_delivery
from postroom.delivery.actions.decide_doubt import decide_doubt
from postroom.delivery.actions.hold_delivery import hold_delivery
from postroom.delivery.actions.release_delivery import release_delivery
from postroom.delivery.actions.resend import resend
from postroom.delivery.models import Delivery
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor, actor_of_user
from postroom.identity.models import User
from postroom.kernel import clock
from postroom.kernel.errors import BadInput, PostroomError
from postroom.web.models import BulkWork
from postroom.web.wake import QUEUE, wake

log = logging.getLogger("postroom.web")

#: Rows done while the form waits for its answer; more are done behind it.
AT_ONCE = 10
#: Rows of one work.
MOST = 5000
#: A work nobody went on with for this long lost its wake-up.
LOST_AFTER = dt.timedelta(seconds=15)
#: Seconds of one turn of a worker; then it is the turn of whoever waits.
TURN = 5.0
_KEPT_REFUSALS = 100


def begin(user: User, act: str, rows: Sequence[uuid.UUID], reason: str, mark: str) -> BulkWork:
    """Starts a work, or finds the one this form started already (handed in twice, it acts once)."""
    now = clock.now()
    with transaction.atomic():
        work, made = BulkWork.objects.get_or_create(
            user=user,
            mark=mark[:64],
            defaults={"act": act, "reason": reason, "rows": list(rows), "started_at": now, "taken_at": now},
        )
        if made and len(rows) > AT_ONCE:
            wake(work.pk)
    if made:
        go_on(work.pk, AT_ONCE)
        work.refresh_from_db()
    return work


def wake_forgotten() -> int:
    """Wakes works whose process died, or whose wake-up was lost; how many. The sweep calls it."""
    if ProcrastinateJob.objects.filter(queue_name=QUEUE, status__in=("todo", "doing")).exists():
        return 0  # somebody is at it, or nobody serves the queue and more wake-ups would only pile up
    now = clock.now()
    with transaction.atomic():
        lost = BulkWork.objects.select_for_update(skip_locked=True).filter(ended_at=None, taken_at__lt=now - LOST_AFTER)
        found = list(lost.order_by("pk").values_list("pk", flat=True)[:100])
        BulkWork.objects.filter(pk__in=found).update(taken_at=now)
        for work_id in found:
            wake(work_id)
    return len(found)


def take_a_turn(work_id: int) -> None:
    """What a worker does when woken: it goes on for a while, and leaves the rest for its next turn."""
    if go_on(work_id, seconds=TURN):
        wake(work_id)


def go_on(work_id: int, most: int = MOST, seconds: float = 3600.0) -> bool:
    """Acts on the next rows, at most ``most``, as the person who asked for it and with what they may do now.

    Whether rows are left.
    """
    until = time.monotonic() + seconds
    for _ in range(most):
        with transaction.atomic():
            work = BulkWork.objects.select_for_update().select_related("user").filter(pk=work_id).first()
            if work is None or work.ended_at is not None:
                return False
            if work.at < len(work.rows):
                _step(work)
            now = clock.now()
            work.taken_at, work.ended_at = now, now if work.at >= len(work.rows) else None
            work.save(update_fields=["at", "refused", "taken_at", "ended_at"])
        if work.ended_at is not None:
            return False
        if time.monotonic() >= until:
            break
    return True


def _step(work: BulkWork) -> None:
    row = work.rows[work.at]
    try:
        with transaction.atomic():
            _act(actor_of_user(work.user), work, row)
    except PostroomError as error:
        _refuse(work, row, f"{error.message} {error.hint}".strip())
    except (OperationalError, InterfaceError):
        raise  # the database is away: the row is as it was, and a later turn acts on it
    except Exception as error:  # whatever is wrong with one row, it is told and does not stop the others
        log.exception("%s of delivery %s", work.act, row)
        _refuse(work, row, f"{type(error).__name__}: {error}"[:500])
    work.at += 1


def _refuse(work: BulkWork, row: uuid.UUID, words: str) -> None:
    work.refused = [*work.refused, [str(row), words if len(work.refused) < _KEPT_REFUSALS else ""]]


def _act(actor: Actor, work: BulkWork, row: uuid.UUID) -> None:
    found = queries.delivery(actor, row)
    if work.act == "resend":
        send_again(actor, found, work.reason)
    elif work.act == "hold":
        hold_delivery(actor, found.pk, work.reason)
    elif work.act == "release":
        release_delivery(actor, found.pk)
    elif work.act == "cancel":
        cancel_delivery(actor, found.pk, work.reason)
    else:
        decide_doubt(actor, found.pk, arrived=work.act == "arrived", reason=work.reason)


def send_again(actor: Actor, found: Delivery, reason: str) -> None:
    """The same bytes the same way, as a new delivery."""
    documents = visible_to(actor).filter(enclosed_in__communication=found.communication_id)
    document = documents.order_by("enclosed_in__position").first()
    if document is None:
        raise BadInput(
            "This message holds no document to be sent again.", hint="Its receiver asks for a new link on the portal."
        )
    address = found.address if found.channel == "email" else ""
    resend(actor, document, destination=found.destination_id, address=address, reason=reason)
