"""Approve a draft. Four eyes: nobody approves what they changed, at any revision of it."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.composition.checks import signing
from postroom.composition.draft_steps import take_step, wanted_state
from postroom.composition.draft_tests import packs_of_draft, refuse_red
from postroom.composition.drafts import authors, find
from postroom.composition.errors import OwnWork
from postroom.composition.life_models import APPROVAL, APPROVED, REVIEW, Draft, DraftStep
from postroom.composition.people import person_behind
from postroom.composition.publishing import refuse_breaking_change
from postroom.identity.actor import Actor


def approve_draft(
    actor: Actor,
    draft_id: uuid.UUID | str,
    *,
    revision: int,
    remark: str = "",
    replay: str | None = None,
    wait: bool = True,
) -> Draft:
    """``revision`` and ``replay`` (the digest) are those that were looked at; None signs the newest replay there is.
    Its tests hold: what nobody tested yet is tested first, or refused where not ``wait``, and goes on meanwhile.

    Raises UnknownDraft, WrongState, OwnWork, ReplayNeeded, ReplayStale, BreaksUse, TestsRed, TestsUnderway.
    """
    actor.require("template.approve")
    draft = find(draft_id)
    refuse_own(actor, draft)
    wanted_state(draft, [REVIEW], revision)
    signing.to_sign(draft, replay)
    packs = packs_of_draft(draft)
    refuse_breaking_change(draft.template_key, packs[0].contract.schema)  # something may use it since it was sent
    refuse_red(packs, wait=wait)
    said = " ".join(remark.split())[:1000]
    with transaction.atomic():
        done = take_step(actor, draft.pk, APPROVAL, states=[REVIEW], to=APPROVED, revision=revision, reason=said)
        signed = signing.to_sign(draft, replay)
        if signed is not None:
            signing.sign(actor, draft, signed)
    return done


def refuse_own(actor: Actor, draft: Draft) -> None:
    """Raises OwnWork when the actor, or the person whose token this is, changed the draft or sent it to review."""
    had_a_hand = authors(draft) | set(DraftStep.objects.filter(draft=draft, step="sent").values_list("by", flat=True))
    if person_behind(actor.name) in {person_behind(name) for name in had_a_hand}:
        raise OwnWork(
            "Whoever changed a draft does not approve it.",
            hint="Ask somebody else who may approve templates.",
            draft=str(draft.pk),
        )
