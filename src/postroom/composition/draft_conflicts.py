"""Texts that could not be merged: kept as they were typed, found again, and let go of when somebody chose.

A file that is no text (the page of a Word template, a picture), and one that somebody took out, cannot be put together
by hand: there one of the two is taken whole.
"""

from __future__ import annotations

import uuid

from postroom.composition import drafts
from postroom.composition.errors import UnknownDraft
from postroom.composition.life_models import OPEN, Draft, DraftConflict
from postroom.identity.actor import Actor
from postroom.kernel import clock

#: Whose file is meant: what somebody typed, or what stands in the draft.
MINE, THEIRS = "mine", "theirs"


def unsettled(draft: Draft) -> list[DraftConflict]:
    """What waits for somebody to choose, oldest first: whoever left the page finds it again."""
    if draft.state not in OPEN:
        return []
    return list(DraftConflict.objects.filter(draft=draft, settled_at=None).order_by("at"))


def leave_conflict(actor: Actor, conflict_id: uuid.UUID | str) -> Draft:
    """Let what stands in the draft stand; what was typed stays in its history. Raises UnknownDraft."""
    actor.require("template.edit")
    conflict = drafts.conflict_of(conflict_id)
    DraftConflict.objects.filter(pk=conflict.pk, settled_at=None).update(settled_at=clock.now())
    return conflict.draft


def side_of(conflict: DraftConflict, name: str, whose: str) -> bytes | None:
    """A file as one side has it; None where it was taken out. Raises UnknownDraft where it is not about that file."""
    typed = drafts.typed_in(conflict)
    if name not in typed or whose not in (MINE, THEIRS):
        raise UnknownDraft("The two texts have no such file.", hint="Open the draft again.")
    return typed[name] if whose == MINE else drafts.files(conflict.draft).get(name)
