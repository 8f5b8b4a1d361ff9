"""Give a draft back to its authors, with a reason."""

from __future__ import annotations

import uuid

from postroom.composition.draft_steps import given_reason, take_step
from postroom.composition.life_models import APPROVED, DRAFT, REJECTED, REVIEW, Draft
from postroom.identity.actor import Actor


def reject_draft(actor: Actor, draft_id: uuid.UUID | str, *, reason: str) -> Draft:
    """Raises ReasonMissing, UnknownDraft, WrongState."""
    actor.require("template.approve")
    said = given_reason(reason)
    return take_step(actor, draft_id, REJECTED, states=[REVIEW, APPROVED], to=DRAFT, reason=said)
