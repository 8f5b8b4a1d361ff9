"""Publish an approved draft as a version of its own, from the day it was approved for."""

from __future__ import annotations

import uuid

from postroom.composition.actions.rebase_draft import refuse_behind
from postroom.composition.draft_steps import take_step, wanted_state
from postroom.composition.draft_tests import packs_of_draft, refuse_red
from postroom.composition.drafts import authors, files, find
from postroom.composition.errors import WrongState
from postroom.composition.life_models import APPROVAL, APPROVED, PUBLICATION, PUBLISHED, Draft, DraftStep
from postroom.composition.people import person_behind
from postroom.composition.publishing import publish, refuse_breaking_change
from postroom.identity.actor import Actor


def publish_draft(actor: Actor, draft_id: uuid.UUID | str, *, wait: bool = True) -> Draft:
    """The draft with ``published``. Raises UnknownDraft, WrongState, DraftBehind, TemplateFaults, BreaksUse, BadDates,
    and TestsUnderway where not ``wait`` and its tests are not known yet: they go on meanwhile.

    The files are checked once more: a content block or a schedule may have changed since they were approved.
    """
    actor.require("template.publish")
    draft = find(draft_id)
    wanted_state(draft, [APPROVED])
    refuse_behind(draft)
    _approved_by_another(draft)
    packs = packs_of_draft(draft)
    refuse_breaking_change(draft.template_key, packs[0].contract.schema)  # before anybody waits for tests
    refuse_red(packs, wait=wait)
    version = publish(
        actor,
        files(draft),
        note=draft.note,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        again=False,
    )
    return take_step(
        actor, draft.pk, PUBLICATION, states=[APPROVED], to=PUBLISHED, revision=draft.revision, published=version
    )


def _approved_by_another(draft: Draft) -> None:
    """Defence in depth: an approval of this very revision by somebody who did not change it must be there."""
    rows = DraftStep.objects.filter(draft=draft, step=APPROVAL, revision=draft.revision)
    changed = {person_behind(name) for name in authors(draft)}
    if not any(person_behind(by) not in changed for by in rows.values_list("by", flat=True)):
        raise WrongState("Nobody else approved this revision.", hint="Send the draft to review again.")
