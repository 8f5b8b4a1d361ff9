"""Stop a replay that is on its way: what came of it so far stays to be looked at, and cannot be signed."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Q

from postroom.composition.checks.models import MOVING, STOPPED, Replay
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append


def stop_replay(actor: Actor, change_id: uuid.UUID) -> None:
    """``change_id``: of the draft, or of the change of a house part. Harmless when nothing is on its way."""
    actor.require("template.review")
    with transaction.atomic():
        moving = Replay.objects.select_for_update(of=("self",)).select_related("part__part").filter(state__in=MOVING)
        replay = moving.filter(Q(draft_id=change_id) | Q(part_id=change_id)).first()
        if replay is None:
            return
        replay.state, replay.ended_at = STOPPED, clock.now()
        replay.save(update_fields=["state", "ended_at"])
        facts = {**replay.about(), "done": replay.done}
        append(actor.name, [Act("replay.stopped", "template_replay", replay.pk, facts)])
