"""Noting what was done with a letter: a step for people, with the reason, and an entry of the ledger, without it."""

from __future__ import annotations

import hashlib
from typing import Any

from postroom.composition.canonical import canonical
from postroom.composition.people import person_behind
from postroom.composition.queries import LivePack, live_pack, newest_version
from postroom.identity.actor import Actor
from postroom.kernel import clock, notices
from postroom.ledger.append import Act, append
from postroom.production.letters.errors import LetterMoved, NewVersion
from postroom.production.letters.models import Letter, LetterStep, Recipient


def note(letter: Letter, actor: Actor, what: str, reason: str = "", **facts: Any) -> None:
    """The last thing in the transaction of an act."""
    LetterStep.objects.create(
        letter=letter,
        what=what,
        by=person_behind(actor.name),
        at=clock.now(),
        reason=reason.strip()[:1000],
        revision=letter.revision,
    )
    told = {"template": letter.template_key, "revision": letter.revision, "letter_sha256": digest(letter), **facts}
    append(actor.name, [Act(f"letter.{what}", "letter", letter.pk, told)])
    notices.tell(notices.LETTERS)


def digest(letter: Letter) -> str:
    """What whoever approves has looked at (hex): the text, whom it goes to, and the version that makes it."""
    rows = Recipient.objects.filter(letter=letter).order_by("place").values_list("place", "party_key", "data", "number")
    looked_at = {
        "version": str(letter.template_version_id),
        "data": letter.data,
        "passages": letter.passages,
        "destination": letter.destination,
        "recipients": [list(row) for row in rows],
    }
    return hashlib.sha256(canonical(looked_at)).hexdigest()


def expect(letter: Letter, *states: str) -> None:
    """Raises LetterMoved for a letter that is in none of these states."""
    if letter.state in states:
        return
    said = {
        "unfinished": "It is not handed in.",
        "waiting": "It waits for somebody’s approval.",
        "sent_back": "It was sent back to who wrote it.",
        "released": "It is released already.",
        "cancelled": "It is cancelled.",
    }[letter.state]
    raise LetterMoved(f"This cannot be done with the letter any more. {said}", hint="Look at the letter again.")


def version_in_force(letter: Letter) -> LivePack:
    """The version it is written with, as long as that is in force. Raises NewVersion, UnknownTemplate, NotInForce."""
    version = newest_version(letter.template_key)
    if version.pk != letter.template_version_id:
        raise NewVersion(
            f"A new version of {version.template.name} is in force since this letter was begun.",
            hint="Take the new version, look at the pages again, then go on. What was typed stays.",
            version=version.no,
        )
    return live_pack(version.pk)
