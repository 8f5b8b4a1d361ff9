"""The send protocol (ARCHITECTURE.md, section 5): intent before effect (P4).

``ready`` -> claim, attempt and key, COMMIT -> does this worker still live? -> send -> outcome, COMMIT. What is found in
``sending`` after its worker died is settled by ``recover``: ask the receiver where that is possible, else in doubt.
"""

from __future__ import annotations

import logging
import time

from django.db import connection, transaction
from django.db.models import Q

from postroom.delivery import models as m
from postroom.delivery.channels import channel_of
from postroom.delivery.claiming import claim
from postroom.delivery.letters import letter_for
from postroom.delivery.models import Attempt, Delivery, Destination
from postroom.delivery.settle import settle
from postroom.delivery.spec import Channel, Deferred, Outcome, Unknown
from postroom.kernel import clock, failpoints, liveness
from postroom.kernel.errors import PostroomError
from postroom.ledger.append import Act, append

log = logging.getLogger("postroom.delivery")

#: Waits between tries to write down what became of a send; together well below any take-over delay.
_SETTLE_WAITS = (0.1, 0.3, 1.0, 2.0)


def dispatch(destination_key: str, seconds: float = 15.0) -> bool:
    """Send what is due at a destination, one by one, for at most about ``seconds``. Whether there may be more."""
    destination = Destination.objects.filter(key=destination_key, enabled=True).first()
    if destination is None:
        return False
    channel = channel_of(destination)
    worker = liveness.current()
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        delivery = claim(destination_key, worker.number)
        if delivery is None:
            return False
        failpoints.reach("after-intent")
        worker.require()
        outcome = _send(channel, delivery)
        failpoints.reach("after-send")
        _note(delivery, outcome, channel, worker)
    return True


def _note(delivery: Delivery, outcome: Outcome, channel: Channel, worker: liveness.WorkerLock) -> None:
    """Write down what became of a send, also when the database was away for a moment.

    If it cannot be written, this worker must end: only what a dead worker left in ``sending`` is recovered.
    """
    for wait in (*_SETTLE_WAITS, None):
        try:
            settle(delivery, outcome, channel.final_truth, askable=channel.can_look_up)
            return
        except Exception as error:  # broad: whatever it is, this delivery must not stay with a worker that lives
            log.warning("delivery %s: its outcome cannot be written yet: %r", delivery.pk, error)
            connection.close()
            if wait is None:
                worker.release()
                raise
            time.sleep(wait)


def _send(channel: Channel, delivery: Delivery) -> Outcome:
    try:
        letter = letter_for(delivery)
    except PostroomError as error:  # nothing has been sent: the bytes or settings have to be mended first
        return Deferred(f"{error.message} {error.hint}".strip())
    except Exception as error:  # whatever it is, nothing has been sent, and the delivery must not be left behind
        connection.close()
        log.exception("delivery %s cannot be put together", delivery.pk)
        return Deferred(f"The letter cannot be put together: {error!r}")
    try:
        return channel.send(letter)
    except PostroomError as error:  # the channel's contract: raised only before the message is handed over
        return Deferred(f"{error.message} {error.hint}".strip())
    except Exception as error:  # a channel that breaks its contract may have sent: never claim it has not
        return Unknown(f"The channel {channel.name} failed in the middle: {error!r}")


def recover(gone: list[int]) -> int:
    """Settle what dead workers left in ``sending``, and ask about sends that ended in silence.

    ``gone`` are locks free for the take-over delay; a silent send waits as long (``settle``).
    """
    silent = Q(worker_lock=None, next_attempt_at__lte=clock.now())
    left = Delivery.objects.filter(silent | Q(worker_lock__in=gone), state=m.SENDING)
    count = 0
    for delivery in left.select_related("communication__party", "destination"):
        count += 1
        try:
            channel = channel_of(delivery.destination)
        except PostroomError as error:  # its settings have to be mended; the others need not wait for that
            _note_unasked(delivery, error)
            continue
        if not channel.can_look_up:
            reason = "The worker died between the send and its answer, and this receiver cannot be asked."
            settle(delivery, Unknown(reason), channel.final_truth, "system:recover")
            continue
        try:
            found = channel.look_up(letter_for(delivery))
        except Exception as error:  # asked in vain is not an answer; it is asked again at the next sweep
            _note_unasked(delivery, error)
            continue
        if found is not None:
            settle(delivery, found, channel.final_truth, "system:recover")
        else:
            _again(delivery)
    return count


def _again(delivery: Delivery) -> None:
    """Surely absent: back to ready."""
    now = clock.now()
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=delivery.pk, state=m.SENDING, key=delivery.key).update(
            state=m.READY, worker_lock=None, next_attempt_at=now, changed_at=now
        )
        if changed:
            Attempt.objects.filter(key=delivery.key).update(ended_at=now, outcome="absent")
            append("system:recover", [Act("delivery.recovered", "delivery", delivery.pk, {"key": delivery.key})])


def _note_unasked(delivery: Delivery, error: Exception) -> None:
    Delivery.objects.filter(pk=delivery.pk, key=delivery.key).update(reason=f"The receiver cannot be asked: {error}")


def due_destinations() -> list[str]:
    """Destinations with deliveries that wait to be sent now."""
    return list(
        Delivery.objects.filter(state=m.READY, next_attempt_at__lte=clock.now())
        .values_list("destination_id", flat=True)
        .distinct()
    )
