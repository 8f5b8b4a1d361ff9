"""Original or duplicate: a document whose number was issued before is marked so, where its template asks for it.

Only production knows what was issued; a template only says how each is marked (``finish:`` in template.yaml).
"""

from __future__ import annotations

from collections.abc import Sequence

from postroom.composition.finishing.plan import asks_whether_issued, marked
from postroom.composition.queries import LivePack
from postroom.documents.models import Document
from postroom.production.work import Work, going_on

ORIGINAL, DUPLICATE = "original", "duplicate"


def mark_issued(live: LivePack, works: Sequence[Work]) -> None:
    """Mark each document of a chunk as original, or as duplicate when one of its kind and number was made before, in
    this run or another. Two chunks that make the same number at the same moment do not see each other."""
    if not asks_whether_issued(live.pack):
        return
    todo = going_on(works)
    numbers = [work.ready.facts.number for work in todo]
    known = Document.objects.filter(kind=live.version.template_id, number__in=numbers)
    issued = set(known.values_list("number", flat=True))
    for work in todo:
        number = work.ready.facts.number
        work.prepared = marked(live.pack, work.ready, DUPLICATE if number in issued else ORIGINAL)
        issued.add(number)
