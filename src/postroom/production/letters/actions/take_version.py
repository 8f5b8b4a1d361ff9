"""Go on with the version of the template that is in force now."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.composition.queries import live_pack, newest_version
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.production.letters import queries
from postroom.production.letters.actions.keep_letter import own
from postroom.production.letters.models import OPEN, Letter
from postroom.production.letters.steps import expect, note


def take_version(actor: Actor, letter_id: uuid.UUID | str) -> Letter:
    """Data and texts stay, also those of passages that are not open any more: they stand below the others until
    somebody takes them away. Raises UnknownTemplate, NotInForce, LetterMoved."""
    actor.require("letter.write")
    with transaction.atomic():
        letter = own(actor, letter_id)
        expect(letter, *OPEN)
        live = live_pack(newest_version(letter.template_key).pk)
        if live.version.pk != letter.template_version_id:
            letter.template_version_id = live.version.pk
            letter.folder = queries.folder_of(live)
            letter.revision += 1
            letter.changed_at = clock.now()
            letter.save(update_fields=["template_version_id", "folder", "revision", "changed_at"])
            note(letter, actor, "took_version", version=live.version.no)
    return letter
