"""Take a letter back that waits for approval: to change it, or to let it be."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.production.letters.actions.keep_letter import own
from postroom.production.letters.models import UNFINISHED, WAITING, Letter
from postroom.production.letters.steps import expect, note


def withdraw_letter(actor: Actor, letter_id: uuid.UUID | str) -> Letter:
    """It is unfinished again. Raises LetterMoved when somebody was faster."""
    actor.require("letter.write")
    with transaction.atomic():
        letter = own(actor, letter_id)
        expect(letter, WAITING)
        letter.state, letter.asks = UNFINISHED, []
        letter.save(update_fields=["state", "asks"])
        note(letter, actor, "withdrawn")
    return letter
