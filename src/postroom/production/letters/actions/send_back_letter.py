"""Send a letter back to who wrote it, with the reason."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput
from postroom.production.letters import queries
from postroom.production.letters.actions.approve_letter import other_than_author
from postroom.production.letters.models import SENT_BACK, WAITING, Letter
from postroom.production.letters.steps import expect, note


def send_back_letter(actor: Actor, letter_id: uuid.UUID | str, reason: str) -> Letter:
    """Raises BadInput without a reason, OwnLetter, LetterMoved."""
    actor.require("letter.approve")
    reason = needed(reason)
    with transaction.atomic():
        letter = queries.locked(actor, letter_id)
        other_than_author(actor, letter)
        expect(letter, WAITING)
        letter.state = SENT_BACK
        letter.save(update_fields=["state"])
        note(letter, actor, "sent_back", reason)
    return letter


def needed(reason: str) -> str:
    """The reason, tidy. Raises BadInput where there is none."""
    tidy = " ".join(reason.replace("\x00", " ").split())
    if not tidy:
        raise BadInput("A reason is needed.", hint="Say what is to be changed; who wrote the letter reads it.")
    return tidy
