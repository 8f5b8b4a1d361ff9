"""What deliveries add to the timeline of a document: acts of the ledger, each try, each answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from postroom.delivery.models import Attempt, Delivery, Receipt
from postroom.delivery.queries import deliveries_of
from postroom.delivery.spec import Truth
from postroom.documents.models import Document
from postroom.documents.timeline import TimelineEntry, ledger_entries
from postroom.identity.actor import Actor


def entries_of(actor: Actor, document: Document) -> Iterator[TimelineEntry]:
    """Entries of all deliveries of ``document``; none for who may not see deliveries."""
    if not actor.may("delivery.view"):
        return
    yield from entries_of_deliveries(deliveries_of(document))


def entries_of_deliveries(rows: Iterable[Delivery]) -> Iterator[TimelineEntry]:
    """Entries of deliveries whose reader may see them."""
    deliveries = {row.pk: row for row in rows}
    yield from ledger_entries(deliveries)
    for attempt in Attempt.objects.filter(delivery__in=deliveries).order_by("id"):
        delivery = deliveries[attempt.delivery_id]
        yield TimelineEntry(
            at=attempt.started_at,
            what="delivery.tried",
            reason=attempt.answer or attempt.outcome,
            actor=f"worker:{attempt.worker_lock}",
            object_kind="delivery",
            object_id=str(delivery.pk),
            evidence={
                "attempt": attempt.no,
                "key": attempt.key,
                "channel": delivery.channel,
                "outcome": attempt.outcome,
                "ended_at": attempt.ended_at.isoformat() if attempt.ended_at else None,
            },
        )
    for receipt in Receipt.objects.filter(delivery__in=deliveries).order_by("id"):
        yield TimelineEntry(
            at=receipt.at,
            what="delivery.receipt",
            reason=receipt.detail,
            actor=receipt.source,
            object_kind="delivery",
            object_id=str(receipt.delivery_id),
            evidence={"truth": Truth(receipt.truth).name.lower()},
        )
