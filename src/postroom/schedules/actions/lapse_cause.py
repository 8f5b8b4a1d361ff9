"""A cause lapsed: the invoice was paid, the contract cancelled. What it would have made is not made."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.ledger.append import append
from postroom.schedules.errors import UnknownCause
from postroom.schedules.gathering import end
from postroom.schedules.models import CANCELLED, PLANNED, Cause


def lapse_cause(actor: Actor, key: str) -> list[Cause]:
    """Cancel what is planned because of ``key``, in every schedule; what has been started stays started, and the
    answer says so. Harmless when it is done again. Raises UnknownCause."""
    actor.require("event.tell")
    with transaction.atomic():
        # Those that are just being started are waited for, so that the answer is the truth.
        rows = Cause.objects.select_for_update(of=("self",)).select_related("schedule")
        causes = list(rows.filter(key=key.strip().replace("\x00", "")).order_by("schedule__key"))
        if not causes:
            raise UnknownCause(
                f"Nobody told of the cause {key!r}, so there is nothing to cancel.",
                hint="Check the key; a document's cause is its number, and is planned within a minute.",
            )
        acts = [end(each, CANCELLED, actor.name) for each in causes if each.state == PLANNED]
        append(actor.name, acts)
    return causes
