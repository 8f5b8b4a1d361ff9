"""Take over parties with their preferences from another system; what is known is brought up to date."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append
from postroom.parties.actions.meet_parties import Acquaintance, meet_parties
from postroom.parties.models import Party


def import_parties(actor: Actor, people: Sequence[Acquaintance]) -> int:
    """Number of parties made or brought up to date."""
    actor.require("party.edit")
    with transaction.atomic():
        met = meet_parties(people)
        for person in people:
            Party.objects.filter(key=person.key).update(
                name=person.name,
                kind=person.kind,
                language=person.language,
                country=person.country,
                email=person.email,
                address=person.address,
                preferred_channel=person.preferred_channel,
                updated_at=clock.now(),
            )
        append(actor.name, [Act("party.imported", "party", party.id) for party in met.values()])
    return len(met)
