"""Keep a masked sample of a real record in the draft of its template."""

from __future__ import annotations

from dataclasses import replace

from postroom.composition import drafts
from postroom.composition.draft_steps import wanted_state
from postroom.composition.life_models import DRAFT, Draft
from postroom.identity.actor import Actor
from postroom.kernel.errors import Conflict
from postroom.ledger.append import Act
from postroom.production.sampling import Origin, digest_of, name_for, propose


def capture_sample(actor: Actor, origin: Origin, mark: str, name: str = "") -> tuple[Draft, str]:
    """The draft with the sample, and the sample's file. A draft is begun where none is on its way.

    ``mark`` is that of the look at it: the same mark gives the same sample. Nothing of the original is kept, neither in
    the draft nor in the ledger, which knows where the sample came from and its digest. Raises NotMasked, NotFound,
    Conflict (the name is taken), WrongState (the draft is being reviewed).
    """
    actor.require("sample.capture")
    proposal = propose(origin, mark)
    path = name_for(proposal, name)
    # Who may capture may put this one file into a draft, and counts among its authors from then on.
    hand = replace(actor, permissions=actor.permissions | {"template.edit"})
    draft = proposal.draft or drafts.open_for(origin.template, hand)
    wanted_state(draft, [DRAFT])
    if path in drafts.files(draft):  # put there since it was looked at
        raise Conflict(f"There is a sample {path} already.", hint="Choose another name.")
    facts: dict[str, object] = {
        "template": origin.template,
        "from": origin.kind,
        "of": str(origin.id),
        "sample": digest_of(proposal.masked),
        "replaced": proposal.masked.replaced,
    }

    def note(revision: int) -> list[Act]:
        return [Act("sample.captured", "template_draft", draft.pk, {**facts, "revision": revision})]

    return drafts.save(hand, draft.pk, {path: proposal.content}, draft.revision, note), path
