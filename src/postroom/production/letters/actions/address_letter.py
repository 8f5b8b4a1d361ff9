"""Say whom a letter goes to: one party more, one less, or those of a list."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.db import transaction

from postroom.composition.passages import KEY as PASSAGES
from postroom.composition.paths import look, put, split
from postroom.composition.queries import LivePack, live_pack
from postroom.identity.actor import Actor
from postroom.intake.detect import source_for
from postroom.intake.spec import BadRecord
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.parties.models import Party
from postroom.production import exact_json
from postroom.production.letters.actions.keep_letter import own
from postroom.production.letters.errors import BadRecipient
from postroom.production.letters.making import for_party
from postroom.production.letters.models import OPEN, Letter, Recipient
from postroom.production.letters.numbers import reserve
from postroom.production.letters.steps import expect

#: The most recipients of one letter: more is a run, with a file and a check of its own.
MOST = 500


def add_recipient(actor: Actor, letter_id: uuid.UUID | str, party: str) -> Letter:
    """One party more; a party that is there stays once. Raises NotFound, BadRecipient."""
    actor.require("letter.write")
    with transaction.atomic():
        letter = own(actor, letter_id)
        expect(letter, *OPEN)
        found = Party.objects.filter(key=party).first()
        if found is None:
            raise NotFound(f"There is no party {party!r}.", hint="Search for the name or the number.")
        live = live_pack(letter.template_version_id)
        _same_language(live, letter, found.name, found.language)
        there = list(letter.recipients.values_list("party_key", "place"))
        if party not in {key for key, _ in there}:
            _enough(len(there) + 1)
            place = max((number for _, number in there), default=0) + 1
            row = Recipient(letter=letter, place=place, party_key=found.key, name=found.name)
            _numbered(live, letter, [*letter.recipients.all(), row])
            row.save()
            _changed(letter)
    return letter


def remove_recipient(actor: Actor, letter_id: uuid.UUID | str, place: int) -> Letter:
    """One less; the last one stays. Raises BadRecipient."""
    actor.require("letter.write")
    with transaction.atomic():
        letter = own(actor, letter_id)
        expect(letter, *OPEN)
        rows = list(letter.recipients.all())
        if len(rows) < 2:
            raise BadRecipient("A letter goes to somebody.", hint="Add the other party first, or delete the letter.")
        rest = [row for row in rows if row.place != place]
        if len(rest) < len(rows):
            letter.recipients.all().delete()
            _own_number(letter, rest[0])
            Recipient.objects.bulk_create(_counted(letter, rest))
            if len(rest) == 1:
                _only(letter, rest[0])
            _changed(letter)
    return letter


def read_list(actor: Actor, letter_id: uuid.UUID | str, path: Path, name: str) -> Letter:
    """The recipients of a file in place of those that are there: whole records, or the numbers of known parties.

    A row with nothing but a number (or ``party``, ``customer``, ``key``) names a party; every other row is a record of
    the template's contract without passages. Raises UnreadableFile, BadRecipient with the line.
    """
    actor.require("letter.write")
    source = source_for(path, name=name)
    with transaction.atomic():
        letter = own(actor, letter_id)
        expect(letter, *OPEN)
        live = live_pack(letter.template_version_id)
        rows: list[Recipient] = []
        for item in source.read(path):
            if isinstance(item, BadRecord):
                raise BadRecipient(f"Line {item.line} of {name}: {item.reason}", hint=item.hint)
            rows.append(_row(live, letter, item.data, item.line, name))
            _enough(len(rows))
        if not rows:
            raise BadRecipient(f"{name} holds no recipients.", hint="One row for each party.")
        twice = {row.party_key for row in rows if sum(one.party_key == row.party_key for one in rows) > 1}
        if twice:
            raise BadRecipient(f"{name} names {sorted(twice)[0]} twice.", hint="Each party gets the letter once.")
        letter.recipients.all().delete()
        rows = _counted(letter, rows)
        _numbered(live, letter, rows)
        Recipient.objects.bulk_create(rows)
        _changed(letter)
    return letter


def _row(live: LivePack, letter: Letter, data: Any, line: int, name: str) -> Recipient:
    alone = _number_alone(data)
    if alone is not None:
        party = Party.objects.filter(key=alone).first()
        if party is None:
            raise BadRecipient(f"Line {line} of {name}: there is no party {alone!r}.", hint="Check the number.")
        _same_language(live, letter, party.name, party.language)
        return Recipient(letter=letter, party_key=party.key, name=party.name)
    if isinstance(data, dict) and PASSAGES in data:
        what = f"Line {line} of {name} brings passages of its own."
        raise BadRecipient(what, hint="All recipients of a letter read the same passages; leave them out of the list.")
    key, called = (look(data, live.pack.at[place]) for place in ("key", "name"))
    if not isinstance(key, str) or not isinstance(called, str):
        paths = live.pack.manifest.recipient
        what = f"Line {line} of {name} has no {paths.key} and {paths.name}."
        raise BadRecipient(what, hint="Write the numbers of known parties, or whole records of the template.")
    language = look(data, live.pack.at["language"])
    _same_language(live, letter, called, language if isinstance(language, str) else "")
    text = exact_json.storable(exact_json.dumps(data))
    return Recipient(letter=letter, party_key=key[:80], name=called[:300], data=text)


def _number_alone(data: Any) -> str | None:
    if isinstance(data, dict) and len(data) == 1:
        (field, value), *_ = data.items()
        if field.strip().lower() in ("party", "customer", "key", "number"):
            return str(value).strip()
    return None


def _same_language(live: LivePack, letter: Letter, name: str, language: str) -> None:
    """One text cannot be in two languages. Raises BadRecipient."""
    if live.pack.language(language)[0] != live.pack.language(letter.language)[0]:
        raise BadRecipient(
            f"{name} reads another language than this letter is written in.",
            hint="Write a letter of its own for them.",
        )


def _enough(count: int) -> None:
    if count > MOST:
        raise BadRecipient(
            f"A letter goes to at most {MOST} parties.", hint="Start a run for more: it has a check of its own."
        )


def _counted(letter: Letter, rows: list[Recipient]) -> list[Recipient]:
    return [
        Recipient(letter=letter, place=place, party_key=row.party_key, name=row.name, data=row.data, number=row.number)
        for place, row in enumerate(rows, 1)
    ]


def _numbered(live: LivePack, letter: Letter, rows: list[Recipient]) -> None:
    """Each of several gets a number of its own, the first one the letter's; a record of a list brings its own."""
    own = look(exact_json.loads(letter.data), split(live.pack.manifest.document.number))
    without = [row for row in rows[1:] if not row.data and not row.number]
    in_use = [own if isinstance(own, str) else "", *(row.number for row in rows)]
    for row, number in zip(without, reserve(live, letter, len(without), in_use=in_use), strict=False):
        row.number = number
        if row.pk is not None:
            row.save(update_fields=["number"])


def _own_number(letter: Letter, first: Recipient) -> None:
    """The first one's number is the letter's, which is filled in on its page."""
    if first.number:
        record = exact_json.loads(letter.data)
        path = split(live_pack(letter.template_version_id).pack.manifest.document.number)
        put(record, path, first.number)
        letter.data, first.number = exact_json.dumps(record), ""


def _only(letter: Letter, row: Recipient) -> None:
    """A letter to one party holds what is known of them itself, so that it can be looked over."""
    live = live_pack(letter.template_version_id)
    record = exact_json.loads(letter.data)
    party = Party.objects.filter(key=row.party_key).first()
    known = look(record, split(live.pack.manifest.recipient.key))
    if party is not None and known != party.key:
        for_party(live, record, party)
        letter.data = exact_json.dumps(record)


def _changed(letter: Letter) -> None:
    letter.revision += 1
    letter.changed_at = clock.now()
    letter.save(update_fields=["revision", "changed_at", "data"])
