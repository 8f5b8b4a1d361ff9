"""What can be in the way of changing a template or a part of the house."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Conflict, NotAllowed, NotFound


class UnknownDraft(NotFound):
    """There is no such draft."""

    code = "unknown-draft"
    title = "There is no such draft"


class StaleDraft(Conflict):
    """Two people changed the same lines. ``conflict`` names what was typed, which is kept."""

    code = "stale-draft"
    title = "Somebody else changed the same lines"


class WrongState(Conflict):
    """The draft is not in a state for this step."""

    code = "wrong-draft-state"
    title = "This step does not follow here"


class DraftBehind(Conflict):
    """Another version was published since the draft was begun."""

    code = "draft-behind"
    title = "A newer version was published meanwhile"


class OwnWork(NotAllowed):
    """Nobody approves what they changed themselves."""

    code = "own-work"
    title = "A second person is needed"


class BreaksUse(Conflict):
    """Something that is in use would not work any more."""

    code = "breaks-use"
    title = "Something in use would break"


class NotInForce(NotFound):
    """The template has versions, and none is in force at that moment."""

    code = "template-not-in-force"
    title = "No version of the template is in force"


class BadDates(BadInput):
    """The end is not after the beginning."""

    code = "bad-dates"
    title = "These dates do not follow each other"


class BadPart(BadInput):
    """A content block or a brand that cannot be used; every reason is told."""

    code = "bad-house-part"
    title = "This cannot be used"


class UnknownPart(NotFound):
    """There is no such content block or brand."""

    code = "unknown-house-part"
    title = "There is no such content block or brand"


class NotMasked(BadInput):
    """No harmless sample can be made of a record; ``fields`` names why, never a value."""

    code = "not-masked"
    title = "No sample can be made of it"
