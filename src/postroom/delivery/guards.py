"""What deliveries have against deleting a document: one on its way needs it, one that left is evidence (P6)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

from postroom.delivery.models import DELIVERED, HELD, IN_DOUBT, IN_PROGRESS, SENT, Delivery
from postroom.delivery.queries import deliveries_of
from postroom.documents.guards import Reason
from postroom.documents.models import Document
from postroom.identity.actor import Actor

_OPEN = (*IN_PROGRESS, HELD)


def reasons_of(actor: Actor, document: Document) -> Iterator[Reason]:
    """One reason for each kind of state. The fact is told to everybody; where to look, to who may see deliveries."""
    found = list(deliveries_of(document))
    doubtful = [row for row in found if row.state == IN_DOUBT]
    under_way = [row for row in found if row.state in _OPEN and row.state != SENT]
    left = [row for row in found if row.state in (SENT, DELIVERED)]
    if doubtful:
        yield Reason(
            "someone",
            gettext("A delivery is in doubt: nobody knows yet whether it arrived."),
            gettext("Find out and decide it: arrived, or not."),
            about=_about(actor, doubtful),
        )
    if under_way:
        yield Reason(
            "someone",
            ngettext(
                "{count} delivery of it is still under way.",
                "{count} deliveries of it are still under way.",
                len(under_way),
            ).format(count=len(under_way)),
            gettext("Wait until it has arrived or failed."),
            about=_about(actor, under_way),
        )
    if left:
        first = min(left, key=lambda row: row.changed_at)
        day = formats.date_format(timezone.localtime(first.changed_at), "j M Y")
        yield Reason(
            "sent",
            gettext("It left the house on {day}. The receiver has it, and this is the proof of what was sent.").format(
                day=day
            ),
            gettext("A correction is a new document, such as a credit note, not a change to this one."),
            about=_about(actor, [first]),
        )


def _about(actor: Actor, rows: list[Delivery]) -> tuple[str, str] | None:
    return ("delivery", str(rows[0].pk)) if actor.may("delivery.view") else None
