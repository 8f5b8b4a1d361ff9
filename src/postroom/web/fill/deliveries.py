"""Deliveries as rows of lists."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery import models as m
from postroom.delivery.models import Delivery
from postroom.documents.models import Enclosure
from postroom.web import words
from postroom.web.fill import names
from postroom.web.pages import DeliveryRow


def status_of(delivery: Delivery) -> str:
    """The key of a delivery's state: one that was tried and waits for its next try says so."""
    return "deferred" if delivery.state == m.READY and delivery.attempts else delivery.state


def destination(delivery: Delivery) -> str:
    """Where it goes, as people read it."""
    if delivery.channel == "portal":
        return gettext("their account")
    return delivery.destination_id if delivery.channel == "folder" else delivery.address


def rows_of(found: QuerySet[Delivery] | Sequence[Delivery]) -> tuple[DeliveryRow, ...]:
    """Rows of deliveries; two queries however many there are."""
    rows = list(found.select_related("communication__party")) if isinstance(found, QuerySet) else list(found)
    titles = titles_of(row.communication_id for row in rows)
    fallbacks = fallbacks_of([row.pk for row in rows if row.state == m.FAILED])
    return tuple(row_of(row, titles.get(row.communication_id, ""), fallbacks.get(row.pk, "")) for row in rows)


def fallbacks_of(failed: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Where deliveries that failed went on to."""
    if not failed:
        return {}
    found = Delivery.objects.filter(fallback_for__in=failed).values_list("fallback_for", "destination_id")
    return {before: to for before, to in found if before is not None}


def titles_of(communications: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The title of the first document of each communication."""
    found = (
        Enclosure.objects.filter(communication__in=set(communications))
        .order_by("communication_id", "position")
        .distinct("communication_id")
        .values_list("communication_id", "document__title")
    )
    return dict(found)


def row_of(delivery: Delivery, title: str, fallback: str = "") -> DeliveryRow:
    """One row; ``fallback`` is where it went on to after it failed."""
    status = status_of(delivery)
    next_step = gettext("Fell back to {to}").format(to=fallback) if fallback else ""
    if status == "deferred":
        next_step = gettext("Next try {when}").format(when=words.moment(delivery.next_attempt_at))
    return DeliveryRow(
        url=reverse("delivery", args=[delivery.pk]),
        number=names.short(delivery.pk),
        title=title or delivery.communication.subject,
        party=delivery.communication.party.name,
        channel=delivery.channel,
        destination=destination(delivery),
        status=status,
        when=words.moment(delivery.changed_at),
        truth=words.truth(delivery.truth),
        why=delivery.reason,
        next_step=next_step,
        id=str(delivery.pk),
        created=words.moment(delivery.created_at),
    )
