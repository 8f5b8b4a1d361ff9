"""Keep what was typed of a letter. Saved while somebody types, so nothing is checked here but who saves over whom."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from postroom.composition.paths import look, split
from postroom.composition.people import person_behind
from postroom.composition.queries import live_pack
from postroom.delivery.determine import usable
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import LimitReached
from postroom.production import exact_json
from postroom.production.letters import queries
from postroom.production.letters.errors import LetterChanged, NoLetter
from postroom.production.letters.models import OPEN, Letter
from postroom.production.letters.steps import expect

_MOST = 200_000


def keep_letter(
    actor: Actor,
    letter_id: uuid.UUID | str,
    *,
    revision: int,
    data: Mapping[str, Any],
    passages: Mapping[str, str],
    destination: str = "",
    title: str = "",
    over: bool = False,
    tab: str = "",
) -> Letter:
    """Save over ``revision``; ``over`` saves over whatever is there. What is the same as before changes nothing.

    ``tab`` names the page that saves: one that saved last never clashes with itself, so that an answer that was lost
    on its way costs nobody a text.

    Raises LetterChanged where somebody saved since, LetterMoved, NoChannel, LimitReached.
    """
    actor.require("letter.write")
    text = exact_json.storable(exact_json.dumps(dict(data)))
    if len(text) + sum(map(len, passages.values())) > _MOST:
        raise LimitReached("The letter is longer than can be kept.", hint=f"Keep it below {_MOST // 1000},000 signs.")
    if destination:
        usable(destination)
    with transaction.atomic():
        letter = own(actor, letter_id)
        expect(letter, *OPEN)
        wanted = (text, dict(passages), destination)
        if (letter.data, letter.passages, letter.destination) == wanted:
            return letter
        same_tab = bool(tab) and letter.saved_from == tab
        if revision != letter.revision and not over and not same_tab:
            raise LetterChanged(
                "This letter was saved in another tab or by another session since you opened it.",
                hint="Nothing of yours is lost: keep yours, or load what was saved there.",
                revision=letter.revision,
            )
        _typed_number(letter, text)
        letter.data, letter.passages, letter.destination = wanted
        letter.saved_from = tab[:40]
        letter.title = (title or letter.title)[:300]
        letter.revision += 1
        letter.changed_at = clock.now()
        letter.hands = sorted({*letter.hands, person_behind(actor.name)})
        letter.save(
            update_fields=[
                "data",
                "passages",
                "destination",
                "title",
                "revision",
                "changed_at",
                "hands",
                "saved_from",
            ]
        )
    return letter


def _typed_number(letter: Letter, text: str) -> None:
    """Another number for the first of several: the others count on from what was typed."""
    several = letter.recipients.exclude(number="")
    if several.exists():
        path = split(live_pack(letter.template_version_id).pack.manifest.document.number)
        if look(exact_json.loads(text), path) != look(exact_json.loads(letter.data), path):
            several.update(number="")


def own(actor: Actor, letter_id: uuid.UUID | str) -> Letter:
    """A letter of the actor's own, locked. Raises NoLetter."""
    letter = queries.locked(actor, letter_id)
    if letter.owner != person_behind(actor.name):
        raise NoLetter("There is no such letter of yours.", hint="Only who began a letter may change it.")
    return letter
