"""Bring a draft up to date: what was published meanwhile goes into it, line by line."""

from __future__ import annotations

import uuid

from postroom.composition import drafts
from postroom.composition.draft_steps import take_step, wanted_state
from postroom.composition.errors import DraftBehind
from postroom.composition.life_models import DRAFT, REBASED, Draft
from postroom.composition.merge import merge_bytes
from postroom.composition.queries import newest_number, sources_of
from postroom.identity.actor import Actor
from postroom.kernel.errors import Conflict


class RebaseClash(Conflict):
    """The draft and the newer version changed the same lines."""

    code = "rebase-clash"
    title = "The draft and the newer version changed the same lines"


def is_behind(draft: Draft) -> bool:
    """Whether other files were published since the draft was begun; what the house changed does not count."""
    newest = newest_number(draft.template_key)
    if newest is None or (draft.base is not None and newest.pk == draft.base.pk):
        return False
    return draft.base is None or sources_of(newest) != sources_of(draft.base)


def refuse_behind(draft: Draft) -> None:
    """Raises DraftBehind."""
    if is_behind(draft):
        raise DraftBehind(
            f"A newer version of {draft.template_key} was published since this draft was begun.",
            hint="Bring the draft up to date first: both changes are merged line by line.",
        )


def rebase_draft(actor: Actor, draft_id: uuid.UUID | str, *, keep: str = "") -> Draft:
    """The draft over the newest version. ``keep`` decides files that do not go together: "mine" the draft's, "theirs"
    the newer version's; without it RebaseClash names them. Raises UnknownDraft, WrongState."""
    actor.require("template.edit")
    draft = drafts.find(draft_id)
    wanted_state(draft, [DRAFT])
    newest = newest_number(draft.template_key)
    if newest is None or not is_behind(draft):
        return draft
    before = sources_of(draft.base) if draft.base is not None else {}
    mine, theirs = drafts.files(draft), sources_of(newest)
    wanted: dict[str, bytes | None] = {}
    clashes = []
    for name in sorted(before.keys() | mine.keys() | theirs.keys()):
        clean, merged = merge_bytes(before.get(name), mine.get(name), theirs.get(name))
        if not clean:
            clashes.append(name)
            merged = theirs.get(name) if keep == "theirs" else mine.get(name)
        if merged != mine.get(name):
            wanted[name] = merged
    if clashes and keep not in ("mine", "theirs"):
        raise RebaseClash(
            f"The draft and version {newest.no} changed the same lines of {', '.join(clashes)}.",
            hint="Choose whose lines to keep; the other text stays in the history.",
            files=clashes,
        )
    moved = drafts.move(actor, draft, wanted, newest)
    return take_step(actor, moved.pk, REBASED, states=[DRAFT], to=DRAFT)
