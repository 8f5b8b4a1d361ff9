"""Delete a letter that was not released. It can be brought back; until then its numbers stay unused, and say why."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.production.letters.actions.keep_letter import own
from postroom.production.letters.models import CANCELLED, OPEN, WAITING, Letter
from postroom.production.letters.steps import expect, note


def discard_letter(actor: Actor, letter_id: uuid.UUID | str) -> Letter:
    """Raises LetterMoved for a letter that is released."""
    actor.require("letter.write")
    with transaction.atomic():
        letter = own(actor, letter_id)
        if letter.state == CANCELLED:
            return letter
        expect(letter, *OPEN, WAITING)
        letter.state, letter.asks = CANCELLED, []
        letter.save(update_fields=["state", "asks"])
        note(letter, actor, "cancelled", numbers=letter.numbers.filter(left_at=None).count())
    return letter
