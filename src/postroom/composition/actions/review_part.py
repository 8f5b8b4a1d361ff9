"""The review of a content block or brand: the same steps as a draft's, and nobody approves what they changed."""

from __future__ import annotations

from postroom.composition import house
from postroom.composition.checks import part_signing
from postroom.composition.draft_steps import given_reason
from postroom.composition.errors import OwnWork, UnknownPart, WrongState
from postroom.composition.life_models import (
    APPROVAL,
    APPROVED,
    BLOCK,
    DISCARD,
    DISCARDED,
    DRAFT,
    REJECTED,
    REVIEW,
    SENT,
    WITHDRAWN,
    HouseVersion,
)
from postroom.composition.people import person_behind
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append

from django.db import transaction  # isort: skip

#: Step -> the states it follows, the state it leads to, and whether it is for those who approve.
_STEPS = {
    SENT: ((DRAFT,), REVIEW, False),
    APPROVAL: ((REVIEW,), APPROVED, True),
    REJECTED: ((REVIEW, APPROVED), DRAFT, True),
    WITHDRAWN: ((REVIEW, APPROVED), DRAFT, False),
    DISCARD: ((DRAFT,), DISCARDED, False),
}


def review_part(
    actor: Actor,
    kind: str,
    key: str,
    step: str,
    *,
    reason: str = "",
    revision: int | None = None,
    replay: str | None = None,
) -> HouseVersion:
    """Take a step. ``replay``: the digest an approver looked at; None signs the newest replay there is.

    Raises UnknownPart, WrongState, OwnWork, ReasonMissing, ReplayNeeded, ReplayStale.
    """
    states, to, approving = _STEPS[step]
    actor.require("template.approve" if approving else "block.edit" if kind == BLOCK else "brand.edit")
    said = given_reason(reason) if step == REJECTED else " ".join(reason.split())[:1000]
    house.part(kind, key)
    with transaction.atomic():
        change = HouseVersion.objects.select_for_update(of=("self",)).filter(
            part__kind=kind, part__key=key, state__in=[DRAFT, REVIEW, APPROVED]
        ).select_related("part").first()  # fmt: skip
        if change is None:
            raise UnknownPart(f"Nothing of {key!r} is on its way.", hint="Change it first.")
        if change.state not in states or (revision is not None and revision != change.revision):
            raise WrongState(
                f"{change.part.name} is in the state {change.state}, at revision {change.revision}.",
                hint="Reload the page: somebody else may have done it already.",
                state=change.state,
            )
        if step == APPROVAL and person_behind(actor.name) in {person_behind(name) for name in change.authors}:
            raise OwnWork("Whoever changed a text does not approve it.", hint="Ask somebody else who may approve.")
        signed = part_signing.to_sign(change, replay) if step == APPROVAL else None
        now = clock.now()
        change.state, change.changed_at = to, now
        change.told = [
            *change.told,
            {"step": step, "by": actor.name, "at": now.isoformat(), "reason": said, "revision": change.revision},
        ]
        change.save(update_fields=["state", "changed_at", "told"])
        facts = {"key": key, "revision": change.revision}
        append(actor.name, [Act(f"{kind}.{step}", "house_version", change.pk, facts)])
        if signed is not None:
            part_signing.sign(actor, change, signed)
    return change
