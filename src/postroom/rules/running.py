"""A chunk of records through a mapping, in the cell."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json

from postroom.cage import Answer, Fault
from postroom.kernel.errors import BadInput
from postroom.rules import limits
from postroom.rules.door import pass_in
from postroom.rules.evaluator import Evaluator, Job, shared
from postroom.rules.mapping import Mapping
from postroom.rules.results import MapFault, Mapped

_OUT_OF_TIME = MapFault(
    "",
    "",
    "The time for this chunk was used up by the records before this one.",
    "Look at the records of this chunk that were stopped.",
)


def map_records(
    mapping: Mapping,
    records: Sequence[Any],
    *,
    evaluator: Evaluator | None = None,
    seconds: float = limits.CHUNK_SECONDS,
) -> list[Mapped | MapFault]:
    """One result per record, in order. ``seconds`` bound the whole chunk; what is left then is a fault."""
    evaluator = evaluator or shared()
    results: list[Mapped | MapFault | None] = [None] * len(records)
    ready: list[tuple[int, bytes]] = []
    for index, record in enumerate(records):
        try:
            ready.append((index, pass_in(record, mapping.money)))
        except BadInput as error:
            results[index] = MapFault(str(error.context.get("where", "")), "", error.message, error.hint)
    until = time.monotonic() + seconds
    batches = [ready[start : start + limits.BATCH] for start in range(0, len(ready), limits.BATCH)]
    again = _run(mapping, batches, results, evaluator, until)
    # a batch that looped or crashed: each record by itself, so that the bad one is found and the others go on
    _run(mapping, [[item] for batch in again for item in batch], results, evaluator, until)
    return [result if result is not None else _OUT_OF_TIME for result in results]


def _run(
    mapping: Mapping,
    batches: Sequence[list[tuple[int, bytes]]],
    results: list[Mapped | MapFault | None],
    evaluator: Evaluator,
    until: float,
) -> list[list[tuple[int, bytes]]]:
    """Fill in what the cell answers; gives back the batches of several records that it could not answer."""
    jobs: list[Job] = [({"op": "map"}, [mapping.program, *(record for _, record in batch)]) for batch in batches]
    again = []
    answers = evaluator.run(jobs)
    for batch in batches:
        if time.monotonic() > until:
            break
        answer = next(answers)
        if isinstance(answer, Answer):
            for (index, _), fault, text in zip(batch, answer.value, answer.blobs, strict=True):
                results[index] = Mapped(from_json(text, allow_inf_nan=False)) if fault is None else MapFault(*fault)
        elif len(batch) > 1:
            again.append(batch)
        else:
            results[batch[0][0]] = _stopped(answer)
    answers.close()
    return again


def _stopped(fault: Fault) -> MapFault:
    return MapFault("", "", fault.reason, fault.hint)
