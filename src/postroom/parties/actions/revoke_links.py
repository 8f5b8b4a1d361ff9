"""A portal link fell into the wrong hands: all links of that party end, at once."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append
from postroom.parties.models import Party


def revoke_links(actor: Actor, party: Party) -> int:
    """The new epoch. Links in mails that are made from now on work."""
    actor.require("party.edit")
    with transaction.atomic():
        Party.objects.filter(pk=party.pk).update(portal_epoch=F("portal_epoch") + 1, updated_at=clock.now())
        party.refresh_from_db(fields=["portal_epoch"])
        append(actor.name, [Act("party.links_revoked", "party", party.pk, {"epoch": party.portal_epoch})])
    return party.portal_epoch
