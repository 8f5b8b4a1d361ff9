"""Hold one delivery: it is not sent until somebody releases it."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery import models as m
from postroom.delivery.decide import BY_PERSON
from postroom.delivery.errors import WrongState
from postroom.delivery.models import Delivery
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import NotFound
from postroom.ledger.append import Act, append


def hold_delivery(actor: Actor, delivery_id: uuid.UUID | str, reason: str = "") -> Delivery:
    """Only what has not left can be held. One that waits with its run is held by itself from now on, and stays when
    its run is released. One that is being sent at this moment stays so; should it come back, it is held and not sent
    again. Raises WrongState for what was sent."""
    actor.require("delivery.hold")
    with transaction.atomic():
        delivery = locked(delivery_id)
        if delivery.state not in (m.READY, m.SENDING, m.HELD) or delivery.code == BY_PERSON:
            raise WrongState(
                f"The delivery is {delivery.state.replace('_', ' ')}; only one that waits to be sent can be held.",
                hint="What is being sent ends first; what has left cannot be called back.",
            )
        if delivery.state == m.READY:
            delivery.state = m.HELD
        delivery.code, delivery.reason = BY_PERSON, reason.strip()[:1000]
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
