"""An operator decides a delivery in doubt: it arrived, or it is sent again."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery import models as m
from postroom.delivery.errors import WrongState
from postroom.delivery.models import Delivery, Receipt
from postroom.delivery.spec import Truth
from postroom.delivery.wake import wake
from postroom.documents.models import Communication
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import BadInput, NotFound
from postroom.ledger.append import Act, append


def decide_doubt(actor: Actor, delivery_id: uuid.UUID | str, *, arrived: bool, reason: str) -> Delivery:
    """Settle an ``in_doubt`` delivery by a person's knowledge. ``reason`` is kept. Raises WrongState."""
    actor.require("delivery.settle")
    if not reason.strip():
        raise BadInput("A reason is needed.", hint="Say how you know, e.g. 'found in the relay's log'.")
    now = clock.now()
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
        if delivery is None:
            raise NotFound("There is no such delivery.", hint="Check the id.")
        if delivery.state != m.IN_DOUBT:
            raise WrongState(f"The delivery is {delivery.state}, not in doubt.", hint="Nothing has to be decided.")
        delivery.state = m.DELIVERED if arrived else m.READY
        delivery.code, delivery.reason = ("", "") if arrived else ("sent-again", reason)
        delivery.changed_at = delivery.next_attempt_at = now
        if arrived:
            delivery.truth = int(Truth.ACCEPTED)
            Receipt.objects.create(
                delivery=delivery, truth=delivery.truth, at=now, source="person", detail=reason.strip()
            )
            Communication.objects.filter(pk=delivery.communication_id, released_at=None).update(released_at=now)
        else:
            wake(delivery.destination_id)
        delivery.save()
        act = "delivery.found_arrived" if arrived else "delivery.sent_again"
        append(actor.name, [Act(act, "delivery", delivery.pk, {"key": delivery.key})])
        notices.tell(notices.DELIVERIES, *notices.of_run(delivery.run_id))
    return delivery
