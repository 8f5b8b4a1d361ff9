"""Say something about a draft, a file of it, or a line."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.composition.draft_steps import ReasonMissing
from postroom.composition.drafts import files, find
from postroom.composition.life_models import DraftComment
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append


def comment_draft(actor: Actor, draft_id: uuid.UUID | str, *, text: str, file: str = "", line: int = 0) -> DraftComment:
    """Raises UnknownDraft, NotFound (no such file), ReasonMissing (nothing was said)."""
    actor.require("template.review")
    draft = find(draft_id)
    said = text.strip()[:2000]
    if not said:
        raise ReasonMissing("The comment is empty.", hint="Write what you want to say.")
    if file and file not in files(draft):
        raise NotFound(f"The draft has no file {file!r}.", hint="Reload the page.")
    with transaction.atomic():
        made = DraftComment.objects.create(
            id=new_id(),
            draft=draft,
            revision=draft.revision,
            file=file,
            line=max(0, line) if file else 0,
            text=said,
            by=actor.name,
            at=clock.now(),
        )
        facts = {"comment": str(made.pk), "revision": draft.revision, "line": made.line}
        append(actor.name, [Act("draft.commented", "template_draft", draft.pk, facts)])
    return made
