"""Cancel one delivery that has not left: it never will, and no fallback takes its place."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery import models as m
from postroom.delivery.actions.hold_delivery import locked
from postroom.delivery.errors import WrongState
from postroom.delivery.models import Delivery
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import BadInput
from postroom.ledger.append import Act, append


def cancel_delivery(actor: Actor, delivery_id: uuid.UUID | str, reason: str) -> Delivery:
    """``reason`` is kept with the delivery. Raises WrongState for what is being sent, or was."""
    actor.require("delivery.cancel")
    if not reason.strip():
        raise BadInput("A reason is needed.", hint="It is kept with the delivery.")
    with transaction.atomic():
        delivery = locked(delivery_id)
        if delivery.state not in (m.READY, m.HELD):
            raise WrongState(
                f"The delivery is {delivery.state.replace('_', ' ')}; only one that waits or is held can be cancelled.",
                hint="What has left cannot be called back.",
            )
        delivery.state, delivery.code, delivery.reason = m.CANCELLED, "cancelled", reason.strip()[:1000]
        delivery.changed_at = clock.now()
        delivery.save(update_fields=["state", "code", "reason", "changed_at"])
        append(actor.name, [Act("delivery.cancelled", "delivery", delivery.pk, {"attempts": delivery.attempts})])
        notices.tell(notices.DELIVERIES, *notices.of_run(delivery.run_id))
    return delivery
