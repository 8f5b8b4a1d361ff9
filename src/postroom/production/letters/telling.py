"""What the timeline of a document tells of the letter it was written as: by whom, and who approved it."""

from __future__ import annotations

from collections.abc import Iterator

from postroom.documents.models import Document
from postroom.documents.timeline import TimelineEntry, ledger_entries
from postroom.identity.actor import Actor
from postroom.production.letters.models import Letter, LetterStep

_TOLD = frozenset({"letter.begun", "letter.submitted", "letter.sent_back", "letter.approved", "letter.released"})


def told_of(actor: Actor, found: Document) -> Iterator[TimelineEntry]:
    """Whoever sees the document learns who wrote and who approved it; reasons are for those who see the letter."""
    if found.run_id is None or actor.party_id:
        return
    letter = Letter.objects.filter(run_id=found.run_id).first()
    if letter is None:
        return
    reasons = {
        (step.what, step.revision): step.reason for step in LetterStep.objects.filter(letter=letter) if step.reason
    }
    for entry in ledger_entries([letter.pk]):
        if entry.what in _TOLD:
            reason = reasons.get((entry.what.removeprefix("letter."), entry.evidence.get("revision", 0)), "")
            yield TimelineEntry(
                at=entry.at,
                what=entry.what,
                reason=reason if actor.may("letter.approve") or actor.may("letter.write") else "",
                actor=entry.actor,
                object_kind=entry.object_kind,
                object_id=entry.object_id,
                evidence=entry.evidence,
            )
