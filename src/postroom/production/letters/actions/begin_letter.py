"""Begin a letter: a template, and whom it is for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from postroom.composition.paths import copy_tree, put, split
from postroom.composition.people import person_behind
from postroom.composition.queries import LivePack, live_pack, newest_version
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.kernel.ids import new_id
from postroom.parties.models import Party
from postroom.production import exact_json
from postroom.production.letters import queries
from postroom.production.letters.making import for_party, without_made
from postroom.production.letters.models import UNFINISHED, Letter, Recipient
from postroom.production.letters.numbers import reserve
from postroom.production.letters.steps import note


def begin_letter(actor: Actor, *, template: str, party: str) -> Letter:
    """An unfinished letter of this actor: the first sample of the template, dated today, with a number that is its own
    and what is known of the party. Raises UnknownTemplate, NotFound."""
    actor.require("letter.write")
    live = live_pack(newest_version(template).pk)
    if template not in {one.pack.key for one in queries.usable(actor)}:
        raise NotFound(
            f"There is no letter {template!r} that you may write.",
            hint="Its template opens no passages, or its folder is not open to your role.",
        )
    found = Party.objects.filter(key=party).first()
    if found is None:
        raise NotFound(f"There is no party {party!r}.", hint="Search for the name or the number.")
    now = clock.now()
    record = started(live, found)
    with transaction.atomic():
        letter = Letter.objects.create(
            id=new_id(),
            template_key=template,
            template_version_id=live.version.pk,
            folder=queries.folder_of(live),
            state=UNFINISHED,
            data=exact_json.dumps(record),
            language=live.pack.language(found.language)[0],
            owner=person_behind(actor.name),
            hands=[person_behind(actor.name)],
            created_at=now,
            changed_at=now,
        )
        Recipient.objects.create(letter=letter, place=1, party_key=found.key, name=found.name)
        for number in reserve(live, letter):
            put(record, split(live.pack.manifest.document.number), number)
            letter.data = exact_json.dumps(record)
            letter.save(update_fields=["data"])
        note(letter, actor, "begun")
    return letter


def started(live: LivePack, party: Party) -> dict[str, Any]:
    """What a letter to this party begins with; its number is still the sample's."""
    record: dict[str, Any] = copy_tree(live.pack.samples[0][1]) if live.pack.samples else {}
    without_made(live.pack, record)
    for_party(live, record, party)
    said = live.pack.manifest.document
    put(record, split(said.date), timezone.localdate().isoformat())
    return record
