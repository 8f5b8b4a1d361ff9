"""Take a draft back from review, to go on changing it."""

from __future__ import annotations

import uuid

from postroom.composition.draft_steps import take_step
from postroom.composition.life_models import APPROVED, DRAFT, REVIEW, WITHDRAWN, Draft
from postroom.identity.actor import Actor


def withdraw_draft(actor: Actor, draft_id: uuid.UUID | str) -> Draft:
    """An approval it had is over: it was for what it said then. Raises UnknownDraft, WrongState."""
    actor.require("template.edit")
    return take_step(actor, draft_id, WITHDRAWN, states=[REVIEW, APPROVED], to=DRAFT)
