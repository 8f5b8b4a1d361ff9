"""Send a draft to review: it is whole, and cannot be changed until it comes back."""

from __future__ import annotations

import datetime as dt
import uuid

from postroom.composition.actions.rebase_draft import refuse_behind
from postroom.composition.checks.gate import TestsRed
from postroom.composition.draft_steps import take_step
from postroom.composition.draft_tests import begin_tests, known_red, packs_of
from postroom.composition.drafts import changed_names, check, files, find
from postroom.composition.errors import BadDates, WrongState
from postroom.composition.life_models import DRAFT, REVIEW, SENT, Draft
from postroom.composition.problems import TemplateFaults
from postroom.composition.publishing import refuse_breaking
from postroom.identity.actor import Actor


def send_draft(
    actor: Actor,
    draft_id: uuid.UUID | str,
    *,
    note: str = "",
    valid_from: dt.datetime | None = None,
    valid_until: dt.datetime | None = None,
    test: bool = False,
) -> Draft:
    """Raises UnknownDraft, WrongState, DraftBehind, BadDates, TemplateFaults with every fault, BreaksUse.

    Tests that are known to be red are faults like others. ``test``: those nobody made yet begin in the background of
    this process, so that the reviewer finds what they come to.
    """
    actor.require("template.edit")
    draft = find(draft_id)
    if valid_from and valid_until and valid_until <= valid_from:
        raise BadDates("The version would end before it begins.", hint="Choose a later end, or none.")
    refuse_behind(draft)
    if draft.base is not None and not changed_names(draft):
        raise WrongState("Nothing is different from the published version.", hint="Change something first.")
    problems = check(draft)
    if problems:
        raise TemplateFaults(problems)
    packs = packs_of(files(draft), valid_from, valid_until)
    refuse_breaking(draft.template_key, packs[0].contract.schema)
    red = known_red(packs)
    if red:
        raise TestsRed(red)
    sent = take_step(
        actor,
        draft.pk,
        SENT,
        states=[DRAFT],
        to=REVIEW,
        revision=draft.revision,
        note=" ".join(note.split())[:300],
        valid_from=valid_from,
        valid_until=valid_until,
    )
    if test:
        begin_tests(packs)
    return sent
