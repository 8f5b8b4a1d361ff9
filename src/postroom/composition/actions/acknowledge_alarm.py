"""Say that an alarm was seen, and why it need not stand any longer."""

from __future__ import annotations

import hashlib
import uuid

from django.db import transaction

from postroom.composition.models import Alarm
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import BadInput, Conflict, NotFound
from postroom.ledger.append import Act, append

_LONGEST = 300


class UnknownAlarm(NotFound):
    """No alarm has this id."""

    code = "unknown-alarm"
    title = "There is no such alarm"


class AlarmAcknowledged(Conflict):
    """Somebody was faster."""

    code = "alarm-acknowledged"
    title = "The alarm was acknowledged already"


class ReasonNeeded(BadInput):
    """An alarm is not waved away: whoever looks later reads why."""

    code = "reason-needed"
    title = "A reason is needed"


def acknowledge_alarm(actor: Actor, alarm_id: uuid.UUID | str, reason: str) -> Alarm:
    """The alarm, acknowledged. Raises UnknownAlarm, AlarmAcknowledged, ReasonNeeded."""
    actor.require("alarm.acknowledge")
    reason = " ".join(reason.split())
    if not reason or len(reason) > _LONGEST:
        raise ReasonNeeded(
            f"The reason has {len(reason)} characters.",
            hint=f"Say in 1 to {_LONGEST} characters what was found out, without names of customers.",
        )
    with transaction.atomic():
        try:
            alarm = Alarm.objects.select_for_update().filter(pk=uuid.UUID(str(alarm_id))).first()
        except ValueError:
            alarm = None
        if alarm is None:
            raise UnknownAlarm(f"There is no alarm {alarm_id}.", hint="See `postroom verify` for those that stand.")
        if alarm.acknowledged_at is not None:
            raise AlarmAcknowledged(
                f"The alarm was acknowledged by {alarm.acknowledged_by} on {alarm.acknowledged_at:%d %b %Y}.",
                hint="Nothing has to be done.",
            )
        alarm.acknowledged_at, alarm.acknowledged_by, alarm.reason = clock.now(), actor.name, reason
        alarm.save(update_fields=["acknowledged_at", "acknowledged_by", "reason"])
        # The words may name somebody, and the ledger never forgets: it holds what they are known by (P6).
        facts = {"kind": alarm.kind, "reason_sha256": hashlib.sha256(reason.encode()).hexdigest()}
        append(actor.name, [Act("alarm.acknowledged", "alarm", alarm.pk, facts)])
    return alarm
