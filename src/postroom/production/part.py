"""A part of a run that somebody means: its records from..to, a chunk, or its documents from..to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from postroom.documents.models import Document
from postroom.kernel.errors import BadInput
from postroom.production.models import Record, Run


@dataclass(frozen=True, slots=True)
class Part:
    """Exactly one way of saying it. ``first`` and ``last`` are places in the file, from 1; numbers are compared as
    the run counts its documents: in the order of the file, from the one named first to the one named last."""

    first: int = 0
    last: int = 0
    chunk: int | None = None
    first_number: str = ""
    last_number: str = ""
    records: tuple[uuid.UUID, ...] = ()

    def __post_init__(self) -> None:
        ways = (bool(self.first or self.last), self.chunk is not None, bool(self.first_number), bool(self.records))
        if sum(ways) != 1 or (self.last_number and not self.first_number):
            raise BadInput(
                "It is not clear which part of the run is meant.",
                hint="Name records from..to, one chunk, or document numbers from..to.",
            )
        if (self.first or self.last) and not 0 < self.first <= self.last:
            raise BadInput(
                f"Records {self.first} to {self.last} are no range.",
                hint="Count from 1; the first is not after the last.",
            )


def part_of(*, records: str = "", numbers: str = "", chunk: int | None = None, ids: tuple[uuid.UUID, ...] = ()) -> Part:
    """A part as people write it: ``10-20`` or ``7``, ``RE-100..RE-120`` or one number. Raises BadInput."""
    first_number, _, last_number = (each.strip() for each in numbers.partition(".."))
    first = last = 0
    if records.strip():
        start, dash, end = records.partition("-")
        try:
            first, last = int(start), int(end if dash else start)
        except ValueError as error:
            raise BadInput(
                f"{records!r} is no range of records.", hint="Write 10-20, or one place such as 7."
            ) from error
        if first < 1:
            raise BadInput(f"{records!r} is no range of records.", hint="The first record of a file is 1.")
    return Part(first, last, chunk, first_number, last_number, ids)


def records_in(run: Run, part: Part) -> QuerySet[Record]:
    """The records of a part, in the order of the file. Raises BadInput when it names what the run does not have."""
    rows = Record.objects.filter(run=run).order_by("ordinal")
    if part.records:
        return rows.filter(pk__in=part.records)
    if part.chunk is not None:
        return rows.filter(chunk__no=part.chunk, chunk__run=run)
    if part.first:
        return rows.filter(ordinal__gte=part.first, ordinal__lte=part.last)
    ends = [_place(run, part.first_number), _place(run, part.last_number or part.first_number)]
    return rows.filter(ordinal__gte=min(ends), ordinal__lte=max(ends), state="composed")


def _place(run: Run, number: str) -> int:
    record_id = Document.objects.filter(run_id=run.pk, number=number).values_list("record_id", flat=True).first()
    place = Record.objects.filter(pk=record_id).values_list("ordinal", flat=True).first() if record_id else None
    if place is None:
        raise BadInput(f"{run.ref} has no document {number!r}.", hint="Numbers are written as on the document.")
    return place
