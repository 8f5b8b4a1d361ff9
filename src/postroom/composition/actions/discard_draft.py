"""Put a draft away. Its row and all that was typed stay; it can be brought back while there is no other."""

from __future__ import annotations

import uuid

from django.db import IntegrityError

from postroom.composition.draft_steps import take_step
from postroom.composition.errors import WrongState
from postroom.composition.life_models import DISCARD, DISCARDED, DRAFT, WITHDRAWN, Draft
from postroom.identity.actor import Actor


def discard_draft(actor: Actor, draft_id: uuid.UUID | str) -> Draft:
    """Raises UnknownDraft, WrongState (one in review is withdrawn first)."""
    actor.require("template.edit")
    return take_step(actor, draft_id, DISCARD, states=[DRAFT], to=DISCARDED)


def bring_back_draft(actor: Actor, draft_id: uuid.UUID | str) -> Draft:
    """Undo of ``discard_draft``. Raises UnknownDraft, WrongState (another draft was begun meanwhile)."""
    actor.require("template.edit")
    try:
        return take_step(actor, draft_id, WITHDRAWN, states=[DISCARDED], to=DRAFT)
    except IntegrityError as error:
        raise WrongState(
            "Another draft of the template was begun meanwhile.", hint="Put that one away first."
        ) from error
