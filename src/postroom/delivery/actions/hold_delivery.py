"""Hold one delivery: it is not sent until somebody releases it."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery import models as m
from postroom.delivery.errors import WrongState
from postroom.delivery.models import Delivery
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import NotFound
from postroom.ledger.append import Act, append

#: In ``code``: a person chose this one. A release of its run leaves it alone.
BY_PERSON = "held"


def hold_delivery(actor: Actor, delivery_id: uuid.UUID | str, reason: str = "") -> Delivery:
    """Only what has not left can be held. One that waits with its run is held by itself from now on, and stays when
    its run is released. Raises WrongState for what is being sent, or was."""
    actor.require("delivery.hold")
    with transaction.atomic():
        delivery = locked(delivery_id)
        if delivery.state != m.READY and (delivery.state != m.HELD or delivery.code == BY_PERSON):
            raise WrongState(
                f"The delivery is {delivery.state.replace('_', ' ')}; only one that waits to be sent can be held.",
                hint="What is being sent ends first; what has left cannot be called back.",
            )
        delivery.state, delivery.code, delivery.reason = m.HELD, BY_PERSON, reason.strip()[:1000]
        delivery.changed_at = clock.now()
        delivery.save(update_fields=["state", "code", "reason", "changed_at"])
        append(actor.name, [Act("delivery.held", "delivery", delivery.pk, {"attempts": delivery.attempts})])
        notices.tell(notices.DELIVERIES, *notices.of_run(delivery.run_id))
    return delivery


def locked(delivery_id: uuid.UUID | str) -> Delivery:
    """The row, ours until the transaction ends. Raises NotFound."""
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery.", hint="Check the id.")
    return delivery
