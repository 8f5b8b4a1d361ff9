"""What can go wrong with letters that a person writes."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Conflict, NotAllowed, NotFound


class NoLetter(NotFound):
    """There is no such letter, or none that the actor may know of."""

    code = "no-letter"
    title = "There is no such letter"


class LetterMoved(Conflict):
    """The letter is no longer where the act expects it: handed in, released, changed in another tab."""

    code = "letter-moved"
    title = "The letter has moved on"


class LetterChanged(Conflict):
    """Somebody saved the letter since this text was opened. ``context["revision"]`` is theirs."""

    code = "letter-changed"
    title = "The letter was changed meanwhile"


class NewVersion(Conflict):
    """Another version of the template came into force since the letter was begun, or was looked at."""

    code = "letter-new-version"
    title = "The template has a new version"


class OwnLetter(NotAllowed):
    """Four eyes: nobody approves what they wrote."""

    code = "own-letter"
    title = "Somebody else has to approve this letter"


class LetterRefused(BadInput):
    """The letter cannot be handed in; ``context["problems"]`` names each recipient and reason."""

    code = "letter-refused"
    title = "The letter cannot be handed in yet"


class BadRecipient(BadInput):
    """This party cannot get this letter."""

    code = "bad-recipient"
    title = "This party cannot get this letter"


class BadLimit(BadInput):
    """A limit cannot be set like this. ``context["field"]`` names the setting."""

    code = "bad-limit"
    title = "The limit cannot be set like this"
