"""Stop a replay that is on its way: what came of it so far stays to be looked at, and cannot be signed."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.composition.checks.models import MOVING, STOPPED, Replay
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append


def stop_replay(actor: Actor, draft_id: uuid.UUID) -> None:
    """Harmless when nothing is on its way."""
    actor.require("template.review")
    with transaction.atomic():
        replay = Replay.objects.select_for_update().filter(draft_id=draft_id, state__in=MOVING).first()
        if replay is None:
            return
        replay.state, replay.ended_at = STOPPED, clock.now()
        replay.save(update_fields=["state", "ended_at"])
        facts = {"template": replay.template_key, "revision": replay.revision, "done": replay.done}
        append(actor.name, [Act("replay.stopped", "template_replay", replay.pk, facts)])
