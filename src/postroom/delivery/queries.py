"""Reading deliveries. Who may see a document may see where it went (P7)."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet

from postroom.delivery.models import Delivery
from postroom.documents.models import Document, Enclosure
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.parties.models import Party


def deliveries_visible_to(actor: Actor, *, bare: bool = False) -> QuerySet[Delivery]:
    """Deliveries of documents the actor may see.

    ``bare``: also those of messages that hold no document (a fresh portal link), for who may see parties. It costs a
    look at each row, so it is for one delivery, or for those of one party.
    """
    if not actor.may("delivery.view"):
        return Delivery.objects.none()
    if "administrator" in actor.roles:
        return Delivery.objects.all()
    seen = Enclosure.objects.filter(communication=OuterRef("communication"), document__in=visible_to(actor))
    if bare and actor.may("party.view"):
        held = Enclosure.objects.filter(communication=OuterRef("communication"))
        return Delivery.objects.filter(Exists(seen) | ~Exists(held))
    return Delivery.objects.filter(Exists(seen))


def delivery(actor: Actor, delivery_id: uuid.UUID | str) -> Delivery:
    """One delivery. Raises NotFound."""
    try:
        seen = deliveries_visible_to(actor, bare=True).select_related("communication__party")
        found = seen.filter(pk=delivery_id).first()
    except (ValueError, TypeError, ValidationError):
        found = None
    if found is None:
        raise NotFound("There is no such delivery.", hint="Check the id.")
    return found


def deliveries_of(document: Document) -> QuerySet[Delivery]:
    """All deliveries of the communications that hold ``document``, oldest first."""
    return Delivery.objects.filter(communication__enclosures__document=document).distinct().order_by("created_at", "id")


#: Up to so many hits are gathered before deliveries are looked at.
FEW = 2_000


def said(text: str) -> Q:
    """Deliveries of what somebody typed: the beginning of an address or of a document's number, a part of the
    party's name or e-mail address, or its key."""
    address = Q(address__istartswith=text)
    known = Party.objects.filter(Q(name__icontains=text) | Q(email__icontains=text) | Q(key__iexact=text))
    party = Q(party_id__in=known.values("pk"))
    number = Q(communication__in=Enclosure.objects.filter(document__number__istartswith=text).values("communication"))
    ids: set[uuid.UUID] = set()
    for condition in (address, party, number):
        ids.update(Delivery.objects.filter(condition).values_list("pk", flat=True)[: FEW + 1])
        if len(ids) > FEW:  # everywhere: the newest ones are walked and held against the conditions
            return address | party | number
    return Q(pk__in=ids)
