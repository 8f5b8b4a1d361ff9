"""Reading what is known of parties beside their row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from postroom.ledger.models import Entry
from postroom.parties.actions.set_preferences import CHANGED
from postroom.parties.models import Party


def suppressed(channel: str, addresses: Sequence[str]) -> set[str]:
    """Those of ``addresses`` that nothing is sent to any more."""
    if not addresses:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT address FROM party_suppression WHERE channel = %s AND lifted_at IS NULL AND address = ANY(%s)",
            (channel, list(addresses)),
        )
        return {address for (address,) in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Said:
    """Since when a wish stands, and who said it (an actor of the ledger)."""

    at: dt.datetime
    by: str


def wish_said(party: Party, what: str) -> Said | None:
    """Who last changed ``what`` (``channel`` or ``language``); None when it came with the party's data."""
    rows = Entry.objects.filter(object_id=party.pk, act=CHANGED).order_by("-seq").values_list("at", "actor", "facts")
    for at, actor, facts in rows[:50]:
        if facts["before"].get(what) != facts["after"].get(what):
            return Said(at, actor)
    return None
