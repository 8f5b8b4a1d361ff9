"""Send a document again: the same bytes, a new delivery, outside its run's balance."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.delivery.determine import Choice
from postroom.delivery.errors import NoChannel
from postroom.delivery.models import URGENT, Delivery, Destination
from postroom.delivery.rows import DeliveryRows, Recipient
from postroom.delivery.wake import wake
from postroom.documents.models import Communication, Document
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.ledger.append import Act, append


def resend(actor: Actor, document: Document, *, destination: str = "", address: str = "", reason: str = "") -> Delivery:
    """A new delivery of the communication that holds ``document``; by default the way it went last.

    ``reason`` is kept with the delivery as a part of why it goes this way.
    """
    actor.require("delivery.resend")
    communication = Communication.objects.filter(enclosures__document=document).order_by("-created_at").first()
    if communication is None:
        raise NoChannel("This document belongs to no communication.", hint="Send it as a new letter instead.")
    last = Delivery.objects.filter(communication=communication).order_by("-created_at", "-id").first()
    key = destination or (last.destination_id if last else "email")
    chosen = Destination.objects.filter(key=key, enabled=True).first()
    if chosen is None:
        known = ", ".join(Destination.objects.filter(enabled=True).values_list("key", flat=True))
        raise NoChannel(f"There is no destination {key!r}.", hint=f"Set up: {known or 'none'}.")
    party = communication.party
    recipient = Recipient(party.pk, party.key, address or party.email)
    if not recipient.address(chosen.channel):
        raise NoChannel(f"{party.name} has no e-mail address.", hint="Give one with --address, or send a letter.")
    why = {"why": "Resend", "by": actor.name, "reason": reason.strip()[:1000]}
    with transaction.atomic():
        rows = DeliveryRows(clock.now(), {chosen.key: chosen.channel})
        rows.add(communication.pk, recipient, Choice((chosen.key,), (), why))
        rows.write()
        wake(chosen.key, priority=URGENT)
        facts = {"delivery": str(rows.made[0]), "destination": chosen.key}
        append(actor.name, [Act("document.resent", "document", uuid.UUID(str(document.pk)), facts)])
        notices.tell(notices.DELIVERIES)
    return Delivery.objects.get(pk=rows.made[0])
