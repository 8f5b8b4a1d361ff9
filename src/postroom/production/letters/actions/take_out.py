"""Take single letters out of a batch that waits: they go back to who wrote them, the others can be approved."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction

from postroom.composition.paths import look, split
from postroom.composition.queries import live_pack
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import BadInput
from postroom.kernel.ids import new_id
from postroom.parties.models import Party
from postroom.production import exact_json
from postroom.production.letters import queries
from postroom.production.letters.actions.approve_letter import other_than_author
from postroom.production.letters.actions.send_back_letter import needed
from postroom.production.letters.making import record_of
from postroom.production.letters.models import SENT_BACK, WAITING, Letter, Recipient
from postroom.production.letters.numbers import move
from postroom.production.letters.steps import expect, note


def take_out(actor: Actor, letter_id: uuid.UUID | str, places: Sequence[int], reason: str) -> Letter:
    """The letter that holds what was taken out, sent back with the reason. Nothing of it is lost: text, data and
    numbers go with it. Raises BadInput, OwnLetter, LetterMoved."""
    actor.require("letter.approve")
    reason = needed(reason)
    with transaction.atomic():
        letter = queries.locked(actor, letter_id)
        other_than_author(actor, letter)
        expect(letter, WAITING)
        rows = list(letter.recipients.all())
        out = [row for row in rows if row.place in set(places)]
        if not out or len(out) == len(rows):
            raise BadInput(
                "Nothing is left to approve." if out else "It is not clear which letters are meant.",
                hint="Send the whole letter back instead." if out else "Choose them in the list.",
            )
        live = live_pack(letter.template_version_id)
        known = {party.key: party for party in Party.objects.filter(key__in=[row.party_key for row in rows])}
        # each keeps the record, and the number, that was looked at, whatever its place is from now on
        fixed = {
            row.pk: exact_json.dumps(record_of(live, letter, row, known.get(row.party_key), several=True))
            for row in rows
        }
        now = clock.now()
        apart = Letter.objects.create(
            id=new_id(),
            template_key=letter.template_key,
            template_version_id=letter.template_version_id,
            folder=letter.folder,
            state=SENT_BACK,
            title=letter.title,
            data=fixed[out[0].pk] if len(out) == 1 else letter.data,
            passages=letter.passages,
            language=letter.language,
            destination=letter.destination,
            owner=letter.owner,
            hands=letter.hands,
            taken_out_of=letter.pk,
            created_at=now,
            changed_at=now,
            submitted_at=letter.submitted_at,
            submitted_by=letter.submitted_by,
        )
        path = split(live.pack.manifest.document.number)
        numbers = (look(exact_json.loads(fixed[row.pk]), path) for row in out)
        move(letter, apart, [one for one in numbers if isinstance(one, str)])
        letter.recipients.all().delete()
        _put(letter, [row for row in rows if row not in out], fixed)
        _put(apart, out, {} if len(out) == 1 else fixed)
        letter.revision += 1
        letter.save(update_fields=["revision"])
        note(apart, actor, "sent_back", reason, taken_out_of=str(letter.pk))
        note(letter, actor, "taken_out", reason, letters=len(out), apart=str(apart.pk))
    return apart


def _put(letter: Letter, rows: Sequence[Recipient], fixed: dict[int, str]) -> None:
    Recipient.objects.bulk_create(
        Recipient(
            letter=letter, place=place, party_key=row.party_key, name=row.name, data=fixed.get(row.pk or 0, row.data)
        )
        for place, row in enumerate(rows, 1)
    )
