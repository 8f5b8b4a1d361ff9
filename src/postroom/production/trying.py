"""The stages before composing, on records that belong to no run: the same verdicts, and nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postroom.composition.queries import LivePack
from postroom.kernel.ids import new_id
from postroom.parties.actions.meet_parties import Met
from postroom.parties.models import Party
from postroom.production import stages
from postroom.production.models import Run
from postroom.production.work import Work, going_on


def try_out(run: Run, live: LivePack, records: Sequence[Any]) -> list[Work]:
    """One work per record: prepared, with its party and its ways, or with the reasons why it cannot go on.

    ``run`` is not saved; its mapping and its destination count.
    """
    works = [Work(new_id(), record, new_id()) for record in records]
    stages.map_to_contract(run, live, works)
    stages.check_and_format(live, works)
    _recognise(works)
    stages.choose_channels(run, live, works)
    return works


def _recognise(works: Sequence[Work]) -> None:
    """The parties that are known; for the others what meeting them would make, without making it."""
    todo = going_on(works)
    known = {party.key: party for party in Party.objects.filter(key__in={w.ready.facts.recipient_key for w in todo})}
    for work in todo:
        facts = work.ready.facts
        party = known.get(facts.recipient_key)
        work.party = Met(
            id=party.pk if party else new_id(),
            key=facts.recipient_key,
            name=party.name if party else facts.recipient_name,
            email=(party.email if party else "") or facts.recipient_email or "",
            language=party.language if party else facts.language,
            country=party.country if party else str((facts.recipient_address or {}).get("country") or "")[:2],
            preferred_channel=party.preferred_channel if party else "",
            portal_epoch=party.portal_epoch if party else 0,
        )
