"""What a run has against deleting one of its documents: as long as it works, its balance counts it (P3)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext

from postroom.documents.guards import Reason
from postroom.documents.models import Document
from postroom.identity.actor import Actor
from postroom.production.models import SETTLED, Run


def reasons_of(actor: Actor, document: Document) -> Iterator[Reason]:
    """Its run, while it is not settled. Who may not see runs is told that there is one, not which."""
    run = Run.objects.filter(pk=document.run_id).exclude(state=SETTLED).first() if document.run_id else None
    if run is None:
        return
    seen = actor.may("run.view")
    yield Reason(
        "someone",
        gettext("Run {ref} is not settled; its balance counts this document.").format(ref=run.ref)
        if seen
        else gettext("The run it comes from is not settled; its balance counts this document."),
        gettext("Wait until the run has settled, or cancel what has not left yet."),
        about=("run", run.ref) if seen else None,
    )
