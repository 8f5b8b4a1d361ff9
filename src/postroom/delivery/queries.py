"""Reading deliveries. Who may see a document may see where it went (P7)."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet

from postroom.delivery.models import Delivery
from postroom.documents.models import Document, Enclosure
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound


def deliveries_visible_to(actor: Actor) -> QuerySet[Delivery]:
    """Deliveries of documents the actor may see."""
    if not actor.may("delivery.view"):
        return Delivery.objects.none()
    if "administrator" in actor.roles:
        return Delivery.objects.all()
    seen = Enclosure.objects.filter(
        communication=OuterRef("communication"), document__in=visible_to(actor).values("pk")
    )
    return Delivery.objects.filter(Exists(seen))


def delivery(actor: Actor, delivery_id: uuid.UUID | str) -> Delivery:
    """One delivery. Raises NotFound."""
    try:
        found = deliveries_visible_to(actor).select_related("communication__party").filter(pk=delivery_id).first()
    except (ValueError, TypeError, ValidationError):
        found = None
    if found is None:
        raise NotFound("There is no such delivery.", hint="Check the id.")
    return found


def deliveries_of(document: Document) -> QuerySet[Delivery]:
    """All deliveries of the communications that hold ``document``, oldest first."""
    return Delivery.objects.filter(communication__enclosures__document=document).distinct().order_by("created_at", "id")
