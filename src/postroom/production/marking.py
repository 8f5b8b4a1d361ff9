"""Original or duplicate: a document whose number was issued before is marked so, where its template asks for it.

Only production knows what was issued; a template only says how each is marked (``finish:`` in template.yaml). Two
chunks may make the same number at the same moment and not see each other: the database lets them commit one after the
other, and who comes second looks again.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from postroom.composition.finishing.plan import asks_whether_issued, marked
from postroom.composition.queries import LivePack
from postroom.documents.models import Document
from postroom.production.errors import IssuedMeanwhile
from postroom.production.work import Work, going_on

ORIGINAL, DUPLICATE = "original", "duplicate"
_LOCKS = (
    "SELECT pg_advisory_xact_lock(one) FROM (SELECT DISTINCT hashtextextended(number, 0) AS one"
    " FROM unnest(%s::text[]) AS number ORDER BY one) AS numbers"
)


def mark_issued(live: LivePack, works: Sequence[Work]) -> None:
    """Mark each document of a chunk as original, or as duplicate when one of its kind and number was made before, in
    this run or another."""
    if not asks_whether_issued(live.pack):
        return
    todo = going_on(works)
    numbers = [work.ready.facts.number for work in todo]
    issued = _issued(live, numbers)
    for work in todo:
        number = work.ready.facts.number
        work.prepared = marked(live.pack, work.ready, DUPLICATE if number in issued else ORIGINAL)
        issued.add(number)


def mark_again(live: LivePack, works: Sequence[Work]) -> list[Work]:
    """Mark anew what somebody else issued meanwhile; the works that are to be made again."""
    before = {work.record_id: work.ready.mark for work in going_on(works)}
    mark_issued(live, works)
    return [work for work in going_on(works) if work.ready.mark != before[work.record_id]]


def refuse_issued(live: LivePack, works: Sequence[Work]) -> None:
    """Within the transaction of a chunk: the numbers of its originals are its own until it is over.

    Whoever commits the same number waits here, and looks when the first one is through. Raises IssuedMeanwhile.
    """
    if not asks_whether_issued(live.pack):
        return
    numbers = [work.ready.facts.number for work in going_on(works) if work.ready.mark == ORIGINAL]
    if not numbers:
        return
    kind = live.version.template_id
    with connection.cursor() as cursor:  # in one order everywhere, so that nobody waits in a circle
        cursor.execute(_LOCKS, ([f"issued {kind} {number}" for number in numbers],))
    issued = _issued(live, numbers)  # a statement of its own: it sees what was committed while this one waited
    if issued:
        raise IssuedMeanwhile(
            f"{len(issued)} documents of {kind} were issued at the same moment.", hint="Nothing has to be done."
        )


def _issued(live: LivePack, numbers: Sequence[str]) -> set[str]:
    known = Document.objects.filter(kind=live.version.template_id, number__in=numbers)
    return set(known.values_list("number", flat=True))
