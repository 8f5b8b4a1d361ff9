"""Approve a letter, or a whole batch: it is released."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.composition.people import person_behind
from postroom.identity.actor import Actor
from postroom.production.letters import queries
from postroom.production.letters.errors import LetterChanged, OwnLetter
from postroom.production.letters.models import RELEASED, WAITING, Letter
from postroom.production.letters.releasing import custody, looked_at, release
from postroom.production.letters.steps import digest, expect, note, version_in_force


def approve_letter(actor: Actor, letter_id: uuid.UUID | str, *, seen: str) -> Letter:
    """``seen`` is the digest of what was looked at: a letter that was changed meanwhile is not approved by the way.

    Approving what this person approved already changes nothing. Raises OwnLetter, LetterMoved, LetterChanged,
    NewVersion, LetterRefused.
    """
    actor.require("letter.approve")
    letter = queries.letter(actor, letter_id)
    if _done(actor, letter):
        return letter
    _expected(actor, letter, seen)
    live = version_in_force(letter)
    made = looked_at(live, letter, list(letter.recipients.all()))
    with custody(actor, letter, made) as held, transaction.atomic():
        letter = queries.locked(actor, letter_id)
        if _done(actor, letter):
            return letter
        _expected(actor, letter, seen)
        note(letter, actor, "approved", letters=len(made))
        release(actor, letter, live, made, held)
    return letter


def _done(actor: Actor, letter: Letter) -> bool:
    return letter.state == RELEASED and letter.steps.filter(what="approved", by=person_behind(actor.name)).exists()


def _expected(actor: Actor, letter: Letter, seen: str) -> None:
    """Raises OwnLetter, LetterMoved, LetterChanged."""
    other_than_author(actor, letter)
    expect(letter, WAITING)
    if digest(letter) != seen:
        raise LetterChanged(
            "The letter is not the one you looked at any more.", hint="Look at its pages again, then approve it."
        )


def other_than_author(actor: Actor, letter: Letter) -> None:
    """Four eyes are two people. Raises OwnLetter."""
    if person_behind(actor.name) in letter.hands:
        raise OwnLetter("You wrote this letter yourself.", hint="Ask somebody else who approves letters.")
