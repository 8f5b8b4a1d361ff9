"""How somebody wishes to be written to: said by themselves on the portal, or noted by who looks after parties."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append
from postroom.parties.models import Party

#: What a change of wishes is called in the ledger; the newest one says since when and by whom (``parties.queries``).
CHANGED = "party.preferences_changed"


def set_preferences(actor: Actor, party: Party, *, language: str, channel: str) -> bool:
    """Whether anything changed. ``channel`` "" leaves it to the rules. It holds for what is determined from now on;
    which values make sense is for the rules, so the caller offers and checks them (``delivery.wishes``)."""
    if actor.party_id != str(party.pk):
        actor.require("party.edit")
    with transaction.atomic():
        found = Party.objects.select_for_update().get(pk=party.pk)
        before = {"language": found.language, "channel": found.preferred_channel}
        after = {"language": language, "channel": channel}
        if before == after:
            return False
        found.language, found.preferred_channel, found.updated_at = language, channel, clock.now()
        found.save(update_fields=["language", "preferred_channel", "updated_at"])
        party.language, party.preferred_channel = language, channel
        append(actor.name, [Act(CHANGED, "party", party.pk, {"before": before, "after": after})])
    return True
