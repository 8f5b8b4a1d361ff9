"""Bring back a letter that was deleted: it is unfinished again."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.production.letters.actions.keep_letter import own
from postroom.production.letters.models import CANCELLED, OPEN, UNFINISHED, Letter
from postroom.production.letters.steps import expect, note


def restore_letter(actor: Actor, letter_id: uuid.UUID | str) -> Letter:
    """Harmless when repeated. Raises LetterMoved."""
    actor.require("letter.write")
    with transaction.atomic():
        letter = own(actor, letter_id)
        if letter.state in OPEN:
            return letter
        expect(letter, CANCELLED)
        letter.state = UNFINISHED
        letter.save(update_fields=["state"])
        note(letter, actor, "restored")
    return letter
