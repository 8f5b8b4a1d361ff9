"""A customer's link is too old: a fresh one goes by the ordinary way of mail to the address we know, and no other."""

from __future__ import annotations

import datetime as dt
import json

from django.db import transaction

from postroom.delivery.determine import Choice
from postroom.delivery.models import URGENT, Delivery, Destination
from postroom.delivery.rows import DeliveryRows, Recipient
from postroom.delivery.wake import wake
from postroom.documents.rows import DocumentRows
from postroom.kernel import clock
from postroom.ledger.append import Act, append
from postroom.parties.models import Party
from postroom.parties.portal import portal_link
from postroom.parties.queries import suppressed
from postroom.vault.write import Batch

#: One link in a quarter of an hour, four in a day: whoever finds an old link cannot fill somebody's mailbox.
PAUSE, A_DAY, MOST = dt.timedelta(minutes=15), dt.timedelta(days=1), 4
_WHY = "The customer asked for a new link."


def send_portal_link(party: Party, *, subject: str, text: str) -> bool:
    """Whether a mail was made. Nobody outside is told: the answer would say what we know of this person.

    ``text`` has ``{link}`` where the link goes.
    """
    destination = Destination.objects.filter(channel="email", enabled=True).order_by("key").first()
    if destination is None or not _reachable(party) or not _allowed(party):
        return False
    link = portal_link(party.pk, party.portal_epoch)
    body = {"subject": subject, "text": text.replace("{link}", link), "html": "", "attach": False, "link": link}
    batch = Batch()
    stored = batch.add(json.dumps(body, ensure_ascii=False).encode())
    batch.sync()
    actor = f"party:{party.pk}"
    with transaction.atomic():
        Party.objects.select_for_update().get(pk=party.pk)  # two requests at once are one mail
        if not _allowed(party):
            return False
        now = clock.now()
        batch.record()
        documents = DocumentRows(now)
        communication = documents.communication(party.pk, subject[:300], party.language, [], stored, None, None)
        documents.write()
        deliveries = DeliveryRows(now, {destination.key: destination.channel})
        explanation = {"table": 0, "why": "Person", "rules": [_WHY], "by": actor, "portal_link": True}
        recipient = Recipient(party.pk, party.key, party.email)
        deliveries.add(communication, recipient, Choice((destination.key,), (), explanation))
        deliveries.write()
        wake(destination.key, priority=URGENT)
        facts = {"delivery": str(deliveries.made[0]), "destination": destination.key}
        append(actor, [Act("party.link_sent", "party", party.pk, facts)])
    return True


def _reachable(party: Party) -> bool:
    return bool(party.email) and not suppressed("email", [party.email])


def _allowed(party: Party) -> bool:
    now = clock.now()
    made = Delivery.objects.filter(party_id=party.pk, explanation__portal_link=True)
    return not made.filter(created_at__gt=now - PAUSE).exists() and (
        made.filter(created_at__gt=now - A_DAY).count() < MOST
    )
