"""What the steps of a draft's life have in common: the row locked, the step noted, the ledger told."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable

from django.db import transaction

from postroom.composition.drafts import find
from postroom.composition.errors import WrongState
from postroom.composition.life_models import Draft, DraftStep
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import BadInput
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append


class ReasonMissing(BadInput):
    """Who refuses somebody's work says why."""

    code = "reason-missing"
    title = "A reason is needed"


def wanted_state(draft: Draft, states: Iterable[str], revision: int | None = None) -> None:
    """``revision``: the one that was looked at, which must be the newest still. Raises WrongState."""
    if draft.state not in states:
        raise WrongState(
            f"The draft of {draft.template_key} is in the state {draft.state}; this step follows"
            f" {' or '.join(sorted(states))}.",
            hint="Reload the page: somebody else may have done it already.",
            state=draft.state,
        )
    if revision is not None and revision != draft.revision:
        raise WrongState(
            f"The draft is at revision {draft.revision}; what was looked at is {revision}.",
            hint="Reload the page and look at what is different.",
        )


def given_reason(reason: str) -> str:
    """The reason, tidy. Raises ReasonMissing."""
    said = " ".join(reason.split())[:1000]
    if not said:
        raise ReasonMissing("There is no reason.", hint="Say in a sentence what has to change.")
    return said


def take_step(
    actor: Actor,
    draft_id: uuid.UUID | str,
    step: str,
    *,
    states: Iterable[str],
    to: str,
    reason: str = "",
    revision: int | None = None,
    **more: object,
) -> Draft:
    """Move a draft from one of ``states`` to ``to``. ``revision``: the one that was looked at, which must be the
    newest still. Raises UnknownDraft, WrongState."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=find(draft_id).pk)
        wanted_state(draft, states, revision)
        now = clock.now()
        draft.state, draft.changed_at = to, now
        for name, value in more.items():
            setattr(draft, name, value)
        draft.save(update_fields=["state", "changed_at", *more])
        DraftStep.objects.create(
            id=new_id(), draft=draft, step=step, revision=draft.revision, by=actor.name, at=now, reason=reason
        )
        facts: dict[str, object] = {"template": draft.template_key, "revision": draft.revision}
        if reason:  # the words may name somebody, and the ledger never forgets (P6)
            facts["reason_sha256"] = hashlib.sha256(reason.encode()).hexdigest()
        append(actor.name, [Act(f"draft.{step}", "template_draft", draft.pk, facts)])
    return find(draft.pk)
