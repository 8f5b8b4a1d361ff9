"""Several finished documents as one file, each with its tags: what a print room or a reader gets in one piece.

The result claims what the first document claims, so each other one must claim as much; it is looked at, and put behind,
in a cell of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from postroom.composition.finishing.errors import FinishingToolsMissing
from postroom.kernel.errors import BadInput

#: A cell's wire takes so much at once.
MOST_DOCUMENTS, MOST_BYTES = 4000, 900_000_000
_DEADLINE, _MEMORY = 300.0, 4 << 30


class NotMergeable(BadInput):
    """These documents cannot become one file that keeps what they claim."""

    code = "not-mergeable"
    title = "The documents cannot be merged"


def merge(documents: Sequence[bytes]) -> bytes:
    """The documents behind each other, in order. Equal documents give equal bytes (P5). Raises NotMergeable with the
    number of the document that does not fit, JobStopped, FinishingToolsMissing."""
    from postroom.cage import Cell, JobFailed
    from postroom.composition.finishing.check import has_tools

    if not has_tools():
        raise FinishingToolsMissing
    if not documents:
        raise NotMergeable("There is no document to merge.", hint="Name at least one.")
    if len(documents) > MOST_DOCUMENTS or sum(map(len, documents)) > MOST_BYTES:
        raise NotMergeable(
            f"{len(documents)} documents with {sum(map(len, documents)) // 1_000_000} MB are too much for one file.",
            hint=f"Merge at most {MOST_DOCUMENTS} documents and {MOST_BYTES // 1_000_000} MB.",
        )
    try:
        bench = "postroom.composition.finishing.bench:MergeBench"
        with Cell(bench, {}, deadline=_DEADLINE, memory=_MEMORY) as cell:
            return bytes(cell.call({}, documents).blobs[0])
    except JobFailed as error:
        raise NotMergeable(error.message, hint=error.hint) from error
