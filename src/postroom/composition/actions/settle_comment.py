"""Say that a comment on a draft is done."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.composition.life_models import DraftComment
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.ledger.append import Act, append


def settle_comment(actor: Actor, comment_id: uuid.UUID, *, settled: bool = True) -> DraftComment:
    """With ``settled`` False it is open again. Raises NotFound."""
    actor.require("template.review")
    with transaction.atomic():
        found = DraftComment.objects.select_for_update().filter(pk=comment_id).first()
        if found is None:
            raise NotFound("There is no such comment.", hint="Reload the page.")
        if (found.settled_at is not None) is settled:
            return found
        found.settled_at = clock.now() if settled else None
        found.settled_by = actor.name if settled else ""
        found.save(update_fields=["settled_at", "settled_by"])
        act = "draft.comment_settled" if settled else "draft.comment_opened"
        append(actor.name, [Act(act, "template_draft", found.draft_id, {"comment": str(found.pk)})])
    return found
