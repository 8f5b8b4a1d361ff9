"""Hand a letter in: it is released at once, or waits for a second person where a limit asks for one."""

from __future__ import annotations

import uuid
from contextlib import nullcontext

from django.db import transaction

from postroom.composition.people import person_behind
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.production.letters import queries
from postroom.production.letters.actions.keep_letter import own
from postroom.production.letters.errors import LetterChanged, NoLetter
from postroom.production.letters.limits import asks
from postroom.production.letters.models import OPEN, RELEASED, WAITING, Letter
from postroom.production.letters.releasing import custody, in_one_go, looked_at, numbered, release
from postroom.production.letters.steps import expect, note, version_in_force


def submit_letter(actor: Actor, letter_id: uuid.UUID | str, *, revision: int) -> Letter:
    """Handing in what is handed in already changes nothing, so a second click makes no second letter.

    Limits are those of this moment. Raises LetterRefused with every reason, LetterChanged where another text was saved
    than the one that is handed in, NewVersion, NotInForce, LetterMoved.
    """
    actor.require("letter.write")
    letter = queries.letter(actor, letter_id)
    if _done(letter, revision):
        return letter
    _expected(actor, letter, revision)
    live = version_in_force(letter)
    made = looked_at(live, letter, list(letter.recipients.all()))
    wanted = asks(letter.template_key, [one.prepared for one in made if one.prepared is not None])
    with nullcontext() if wanted else custody(actor, letter, made) as held, transaction.atomic():
        letter = own(actor, letter_id)
        if _done(letter, revision):
            return letter
        _expected(actor, letter, revision)
        numbered(live, letter, made)
        letter.asks, letter.title = wanted, in_one_go(made)[:300]
        letter.submitted_at, letter.submitted_by = clock.now(), person_behind(actor.name)
        letter.state = WAITING
        letter.save(update_fields=["asks", "title", "submitted_at", "submitted_by", "state"])
        note(letter, actor, "submitted", letters=len(made), asks=[one["verb"] for one in wanted])
        if held is not None:
            release(actor, letter, live, made, held)
    return letter


def _done(letter: Letter, revision: int) -> bool:
    return letter.state in (WAITING, RELEASED) and letter.revision == revision


def _expected(actor: Actor, letter: Letter, revision: int) -> None:
    """Raises NoLetter, LetterMoved, LetterChanged."""
    if letter.owner != person_behind(actor.name):
        raise NoLetter("There is no such letter of yours.", hint="Only who began a letter may hand it in.")
    expect(letter, *OPEN)
    if letter.revision != revision:
        raise LetterChanged(
            "This letter was saved in another tab or by another session since you opened it.",
            hint="Look at what was saved, then hand that in.",
            revision=letter.revision,
        )
