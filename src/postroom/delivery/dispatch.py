"""The send protocol (``protocol.py``) with real parts: PostgreSQL, the vault, channels, clocks.

``ready`` -> claim, attempt and key, COMMIT -> letter -> does this worker still live? -> send -> outcome, COMMIT. What
is found in ``sending`` after its worker died is settled by ``recover``: ask the receiver where possible, else in doubt.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Q, Value, When

from postroom.delivery import models as m
from postroom.delivery import protocol as p
from postroom.delivery.channels import channel_of
from postroom.delivery.claiming import claim, waits
from postroom.delivery.decide import BY_PERSON
from postroom.delivery.letters import letter_for
from postroom.delivery.models import Attempt, Delivery, Destination
from postroom.delivery.settle import settle
from postroom.delivery.spec import Channel, Outcome, Sent
from postroom.kernel import clock, failpoints, liveness
from postroom.kernel.effects import Handlers, run
from postroom.kernel.marks import mark, marks
from postroom.kernel.meters import count, timed
from postroom.ledger.append import Act, append

log = logging.getLogger("postroom.delivery")

#: Counts on while the machine sleeps, where the system has such a clock.
_TICKING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def ticks() -> float:
    """Seconds of a clock that nobody can set."""
    return time.clock_gettime(_TICKING)


def dispatch(destination_key: str, seconds: float = 15.0) -> bool:
    """Send what is due at a destination, one by one, for at most about ``seconds``. Whether there may be more."""
    destination = Destination.objects.filter(key=destination_key, enabled=True).first()
    if destination is None:
        return False
    doing = _Sending(channel_of(destination), liveness.current())
    with marks(destination=destination_key):
        return run(p.serving(destination_key, seconds), doing.handlers())


class _Sending:
    """The effects of one turn at a destination."""

    def __init__(self, channel: Channel, worker: liveness.WorkerLock) -> None:
        self.channel, self.worker = channel, worker

    def handlers(self) -> Handlers:
        return {
            p.Ticks: lambda _: ticks(),
            p.Claim: self._claim,
            p.Reach: lambda place: failpoints.reach(place.name),
            p.PutTogether: lambda wanted: letter_for(wanted.delivery),
            p.RequireAlive: lambda _: self.worker.require(),
            p.Send: self._send,
            p.Settle: self._settle,
            p.Trouble: _trouble,
            p.Pause: lambda wanted: time.sleep(wanted.seconds),
            p.LetGo: lambda _: self.worker.release(),
        }

    def _claim(self, wanted: p.Claim) -> Delivery | None:
        found = claim(wanted.destination, self.worker.number)
        if found is not None:
            mark(delivery=found.pk, run=found.run_id, record=found.record_id)
        return found

    def _send(self, wanted: p.Send) -> Outcome:
        with timed("postroom_send_seconds", channel=self.channel.name):
            return self.channel.send(wanted.letter)

    def _settle(self, wanted: p.Settle) -> bool:
        delivery: Any = wanted.delivery
        settled = settle(
            delivery, wanted.outcome, self.channel.final_truth, wanted.actor, askable=self.channel.can_look_up
        )
        if settled:
            outcome = type(wanted.outcome).__name__.lower()
            count("postroom_attempts_total", channel=self.channel.name, outcome=outcome)
        return settled


def _trouble(told: p.Trouble) -> None:
    which = f"delivery {told.delivery.pk}: " if told.delivery is not None else ""
    log.warning("%s%s: %r", which, told.doing, told.error, exc_info=told.error)
    connection.close()


def recover(gone: list[int], patience: p.Patience | None = None) -> int:
    """Settle what dead workers left in ``sending``, and ask about sends that ended in silence.

    ``gone`` are locks free for the take-over delay; a silent send waits as long (``protocol.recovering``).
    """
    return run(p.recovering(gone, patience), _RECOVERING)


def _left(wanted: p.Left) -> list[Delivery]:
    left = Delivery.objects.filter(Q(worker_lock=None) | Q(worker_lock__in=wanted.gone), state=m.SENDING)
    return list(left.select_related("communication__party", "destination"))


def _look_up(wanted: p.LookUp) -> Sent | None:
    delivery: Any = wanted.delivery
    return channel_of(delivery.destination).look_up(letter_for(delivery))


def _settle_left(wanted: p.Settle) -> bool:
    delivery: Any = wanted.delivery
    return settle(delivery, wanted.outcome, channel_of(delivery.destination).final_truth, wanted.actor)


def _again(delivery: Delivery) -> None:
    """Surely absent: back to ready, or held when a person held it meanwhile."""
    now = clock.now()
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=delivery.pk, state=m.SENDING, key=delivery.key).update(
            state=Case(When(code=BY_PERSON, then=Value(m.HELD)), default=Value(m.READY)),
            worker_lock=None,
            next_attempt_at=now,
            changed_at=now,
        )
        if changed:
            Attempt.objects.filter(key=delivery.key).update(ended_at=now, outcome="absent")
            append("system:recover", [Act("delivery.recovered", "delivery", delivery.pk, {"key": delivery.key})])


def _note_unasked(wanted: p.NoteUnasked) -> None:
    reason = f"The receiver cannot be asked: {wanted.error}"
    Delivery.objects.filter(pk=wanted.delivery.pk, key=wanted.delivery.key).update(reason=reason)


_RECOVERING: Handlers = {
    p.Now: lambda _: clock.now(),
    p.Ticks: lambda _: ticks(),
    p.Left: _left,
    p.Askable: lambda wanted: channel_of(wanted.delivery.destination).can_look_up,
    p.LookUp: _look_up,
    p.Settle: _settle_left,
    p.PutBack: lambda wanted: _again(wanted.delivery),
    p.NoteUnasked: _note_unasked,
}


def due_destinations() -> list[str]:
    """Destinations with deliveries that wait to be sent now: one look at the first entry of an index for each."""
    return [key for key in Destination.objects.values_list("key", flat=True) if waits(key)]
