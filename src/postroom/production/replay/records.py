"""Which records a replay is over: the newest ones that documents were made of, shared fairly between templates."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from postroom.documents.models import Document, Version

#: Records of one replay.
USUAL, MOST = 200, 2000


def newest(template_key: str, wanted: int, run_id: uuid.UUID | None = None) -> list[Version]:
    """The newest version of each of the newest documents that were made of a record by this template; ``run_id``: of
    that run alone."""
    real = Document.objects.filter(kind=template_key)
    real = real.filter(run_id=run_id) if run_id is not None else real.exclude(run_id=None)
    rows: dict[uuid.UUID, Version] = {}
    ids = list(real.order_by("-created_at", "-id").values_list("pk", flat=True)[: wanted * 2])
    made = Version.objects.filter(document_id__in=ids, media_type="application/pdf").exclude(data_blob=None)
    for row in made.order_by("no"):
        rows[row.document_id] = row
    return [rows[document] for document in ids if document in rows][:wanted]


def newest_of_each(
    template_keys: Sequence[str], wanted: int, run_id: uuid.UUID | None = None
) -> dict[str, list[Version]]:
    """``wanted`` records in all. One template that is written by the thousand does not crowd out one that is not."""
    found = {key: newest(key, wanted, run_id) for key in template_keys}
    shares = shared({key: len(rows) for key, rows in found.items()}, wanted)
    return {key: rows[: shares[key]] for key, rows in found.items()}


def shared(there: Mapping[str, int], wanted: int) -> dict[str, int]:
    """How many each gets: equal shares, and what one has not goes to the others."""
    shares = dict.fromkeys(there, 0)
    left = min(wanted, sum(there.values()))
    while left:
        hungry = [key for key in there if shares[key] < there[key]]
        each = max(1, left // len(hungry))
        for key in hungry:
            more = min(each, there[key] - shares[key], left)
            shares[key] += more
            left -= more
    return shares
