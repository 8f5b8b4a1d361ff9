"""Begin a letter: a template, and whom it is for."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils import timezone

from postroom.composition.paths import Steps, copy_tree, look, put, split
from postroom.composition.people import person_behind
from postroom.composition.queries import LivePack, live_pack, newest_version
from postroom.documents.models import Document
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.kernel.ids import new_id
from postroom.parties.models import Party
from postroom.production import exact_json
from postroom.production.letters import queries
from postroom.production.letters.making import counted_up, for_party, without_made
from postroom.production.letters.models import CANCELLED, RELEASED, UNFINISHED, Letter, Recipient
from postroom.production.letters.steps import note

_LAST = re.compile(r"\d{1,15}(?=\D*\Z)")


def begin_letter(actor: Actor, *, template: str, party: str) -> Letter:
    """An unfinished letter of this actor: the first sample of the template, dated today, numbered after the last one,
    with what is known of the party. Raises UnknownTemplate, NotFound."""
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
    with transaction.atomic():
        letter = Letter.objects.create(
            id=new_id(),
            template_key=template,
            template_version_id=live.version.pk,
            folder=queries.folder_of(live),
            state=UNFINISHED,
            data=exact_json.dumps(started(live, found)),
            language=live.pack.language(found.language)[0],
            owner=person_behind(actor.name),
            hands=[person_behind(actor.name)],
            created_at=now,
            changed_at=now,
        )
        Recipient.objects.create(letter=letter, place=1, party_key=found.key, name=found.name)
        note(letter, actor, "begun")
    return letter


def started(live: LivePack, party: Party) -> dict[str, Any]:
    """What a letter to this party begins with."""
    record: dict[str, Any] = copy_tree(live.pack.samples[0][1]) if live.pack.samples else {}
    without_made(live.pack, record)
    for_party(live, record, party)
    said = live.pack.manifest.document
    put(record, split(said.date), timezone.localdate().isoformat())
    number = look(record, split(said.number))
    if isinstance(number, str):
        put(record, split(said.number), next_number(live.pack.key, number, split(said.number)))
    return record


def next_number(template: str, like: str, path: Steps) -> str:
    """The number after the highest one of this form that a document or an unfinished letter of the template has."""
    found = _LAST.search(like)
    if found is None:
        return like
    before, after, width = like[: found.start()], like[found.end() :], len(found[0])
    taken = Document.objects.filter(kind=template, number__startswith=before, number__endswith=after)
    highest = 0
    begun = Letter.objects.filter(template_key=template).exclude(state__in=(RELEASED, CANCELLED))
    open_ones = (look(exact_json.loads(text), path) for text in begun.values_list("data", flat=True)[:500])
    made = taken.order_by("-created_at").values_list("number", flat=True)[:500]
    for number in (*made, *(one for one in open_ones if isinstance(one, str))):
        if not (number.startswith(before) and number.endswith(after)):
            continue
        middle = number[len(before) : len(number) - len(after)]
        if middle.isdigit() and len(middle) <= width:
            highest = max(highest, int(middle))
    return counted_up(f"{before}{str(highest).rjust(width, '0')}{after}", 1) if highest else like
