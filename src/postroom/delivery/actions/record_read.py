"""The customer opened a document on the portal: a read is an event."""

from __future__ import annotations

from django.db import transaction

from postroom.delivery.models import DELIVERED, Delivery, Receipt
from postroom.delivery.spec import Truth
from postroom.documents.models import Document
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append


def record_read(actor: Actor, document: Document, how: str) -> None:
    """Raise the truth of this party's deliveries of the document to ``read``, once; note every first reading."""
    with transaction.atomic():
        deliveries = Delivery.objects.select_for_update().filter(
            communication__enclosures__document=document,
            party_id=actor.party_id,
            state=DELIVERED,
            truth__lt=int(Truth.READ),
            channel__in=("portal", "email"),
        )
        now = clock.now()
        acts = []
        for delivery in deliveries:
            delivery.truth = int(Truth.READ)
            delivery.changed_at = now
            delivery.save(update_fields=["truth", "changed_at"])
            Receipt.objects.create(delivery=delivery, truth=int(Truth.READ), at=now, source="portal", detail=how)
            acts.append(Act("delivery.read", "delivery", delivery.pk, {"document": str(document.pk), "how": how}))
        append(actor.name, acts)
