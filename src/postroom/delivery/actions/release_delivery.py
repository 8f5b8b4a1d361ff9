"""Release one delivery that was held: it is sent as it would have been."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery import models as m
from postroom.delivery.actions.hold_delivery import locked
from postroom.delivery.decide import BY_PERSON
from postroom.delivery.errors import WrongState
from postroom.delivery.models import Delivery
from postroom.delivery.wake import wake
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.ledger.append import Act, append


def release_delivery(actor: Actor, delivery_id: uuid.UUID | str) -> Delivery:
    """One that is held together with its run goes on with its run; one that is being sent, and was to be held when it
    comes back, is tried again as any other. Raises WrongState."""
    actor.require("delivery.hold")
    with transaction.atomic():
        delivery = locked(delivery_id)
        in_flight = delivery.state == m.SENDING and delivery.code == BY_PERSON
        if delivery.state != m.HELD and not in_flight:
            raise WrongState(f"The delivery is {delivery.state.replace('_', ' ')}, not held.", hint="Nothing waits.")
        if delivery.code != BY_PERSON:
            raise WrongState("The delivery is held together with its run.", hint="Release the run.")
        if not in_flight:
            delivery.state = m.READY
        delivery.code, delivery.reason, delivery.changed_at = "", "", clock.now()
        delivery.save(update_fields=["state", "code", "reason", "changed_at"])
        delivery.refresh_from_db(fields=["state", "code", "reason"])
        if delivery.state == m.READY:  # else its run is held, and it waits with its run from now on
            wake(delivery.destination_id)
        append(actor.name, [Act("delivery.released", "delivery", delivery.pk, {"state": delivery.state})])
        notices.tell(notices.DELIVERIES, *notices.of_run(delivery.run_id))
    return delivery
