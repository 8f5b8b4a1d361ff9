"""Reprint a range of a run: new deliveries of the same bytes, to one destination, as after a jam of the printer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum

from postroom.delivery.determine import Choice, usable
from postroom.delivery.models import Delivery
from postroom.delivery.rows import DeliveryRows, Recipient
from postroom.delivery.wake import wake
from postroom.documents.models import Communication, Document, Enclosure, Version
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.kernel.errors import BadInput, LimitReached
from postroom.ledger.append import Act, append
from postroom.production import queries
from postroom.production.models import Run
from postroom.production.part import Part, records_in

#: Documents of one reprint: one transaction, so that it happens once or not at all.
MOST = 20_000
#: More than so many wait their turn like any batch.
_URGENT_UP_TO = 50


@dataclass(frozen=True, slots=True)
class Range:
    """What a part would reprint. ``first`` and ``last`` are numbers of documents."""

    documents: int
    pages: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Reprinted:
    """``unreachable``: recipients the destination has no address of; nothing is made for them."""

    deliveries: int
    unreachable: int


def range_of(actor: Actor, run: Run, part: Part) -> Range:
    """What ``reprint_range`` would send, to be looked at before. Raises BadInput for an empty range, LimitReached."""
    found = _documents(actor, run, part)
    ids = [each.pk for each in found]
    pages = Version.objects.filter(document__in=ids, no=1).aggregate(all=Sum("pages"))["all"] or 0
    return Range(len(found), pages, found[0].number, found[-1].number)


def reprint_range(actor: Actor, run_id: uuid.UUID | str, part: Part, *, destination: str, reason: str) -> Reprinted:
    """In the order of the file, outside the run's balance, as ``resend`` is. Each document is noted in the ledger.

    Raises NoChannel, BadInput, LimitReached.
    """
    actor.require("delivery.resend")
    if not reason.strip():
        raise BadInput("A reason is needed.", hint="Such as 'paper jam'; it is kept with each delivery.")
    chosen = usable(destination)
    run = queries.run(actor, run_id)
    with transaction.atomic():
        found = _documents(actor, run, part)
        rows = DeliveryRows(clock.now(), {chosen.key: chosen.channel})
        why = {"why": "Reprint", "by": actor.name, "reason": reason.strip()[:1000], "run": run.ref}
        acts: list[Act] = []
        unreachable = 0
        for document, message in _messages(found):
            recipient = Recipient(message.party_id, message.party.key, message.party.email)
            if not recipient.address(chosen.channel):
                unreachable += 1
                continue
            rows.add(message.pk, recipient, Choice((chosen.key,), (), why))
            facts = {"delivery": str(rows.made[-1]), "destination": chosen.key}
            acts.append(Act("document.resent", "document", document.pk, facts))
        rows.write()
        if len(rows.made) > _URGENT_UP_TO:  # like a batch, not before one
            Delivery.objects.filter(pk__in=rows.made).update(priority=run.priority)
        if rows.made:
            wake(chosen.key)
        whole = {"documents": len(found), "deliveries": len(rows.made), "destination": chosen.key}
        append(actor.name, [Act("run.reprinted", "run", run.pk, whole), *acts])
        notices.tell(notices.DELIVERIES, *notices.of_run(run.pk))
    return Reprinted(len(rows.made), unreachable)


def _documents(actor: Actor, run: Run, part: Part) -> list[Document]:
    """In the order of the file, as far as the actor may see them."""
    rows = records_in(run, part).values_list("pk", "ordinal")[: MOST + 1]
    places: dict[uuid.UUID | None, int] = dict(rows)
    found = list(visible_to(actor).filter(run_id=run.pk, record_id__in=places).only("pk", "number", "record_id"))
    if len(places) > MOST:
        raise LimitReached(f"These are more than {MOST} documents.", hint="Reprint them in several ranges.")
    if not found:
        raise BadInput(f"{run.ref} has no documents in this range.", hint="Look at the numbers of its documents.")
    return sorted(found, key=lambda each: (places[each.record_id], each.number))


def _messages(found: Sequence[Document]) -> list[tuple[Document, Communication]]:
    """The newest communication of each document; a message that encloses several goes once."""
    enclosed = Enclosure.objects.filter(document__in=[each.pk for each in found])
    newest: dict[uuid.UUID, Communication] = {}
    for row in enclosed.select_related("communication__party").order_by("communication__created_at"):
        newest[row.document_id] = row.communication
    once: dict[uuid.UUID, tuple[Document, Communication]] = {}
    for each in found:
        if (message := newest.get(each.pk)) is not None:
            once.setdefault(message.pk, (each, message))
    return list(once.values())
