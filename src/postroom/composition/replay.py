"""Making a document again from what was kept of it, to see whether the same bytes come out (P5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, InvalidOperation
from typing import Any

from postroom.composition.compose import Unmade, close_cells, compose
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.problems import RecordRefused
from postroom.composition.queries import LivePack
from postroom.composition.shape import Field
from postroom.composition.spec import Rendered


def make_again(live: LivePack, records: Sequence[Any], marks: Sequence[str] = ()) -> Iterator[Rendered | Unmade]:
    """One result per record, in order. In cells of this thread (``close_cells``), and whether or not documents may be
    made with the present toolchain: the result is compared, never sent. ``marks``: how each was marked, if at all."""
    todo: list[Prepared | Unmade] = []
    for index, record in enumerate(records):
        try:
            todo.append(prepare(live.pack, record, mark=marks[index] if marks else ""))
        except RecordRefused as refused:
            first = refused.problems[0]
            todo.append(Unmade(first.code, f"{first.path}: {first.reason}", first.hint))
    made = compose(live, (one for one in todo if isinstance(one, Prepared)), unproven=True)
    for one in todo:
        yield one if isinstance(one, Unmade) else next(made)


def make_apart(live: LivePack, records: Sequence[Any]) -> list[Rendered | Unmade]:
    """``make_again`` in a thread of its own, whose cells end with it: the caller's warm ones stay."""

    def work() -> list[Rendered | Unmade]:
        try:
            return list(make_again(live, records))
        finally:
            close_cells()

    with ThreadPoolExecutor(1, thread_name_prefix="replay") as apart:
        return apart.submit(work).result()


def record_of(stored: bytes, contract: Field) -> Any:
    """The record whose canonical form was stored. Fractions were written as text there (P9); where the contract wants a
    number they become one again."""
    return _revived(json.loads(stored), contract)


def _revived(value: Any, here: Field | None) -> Any:
    if here is None:
        return value
    if isinstance(value, dict):
        return {name: _revived(inner, here.fields.get(name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_revived(inner, here.items) for inner in value]
    if isinstance(value, str) and "string" not in here.types and here.types & {"number", "integer"}:
        try:
            return Decimal(value)
        except InvalidOperation:
            return value
    return value


def samples_of(live: LivePack) -> Mapping[str, Any]:
    """The samples that travel with a version, by name."""
    return dict(live.pack.samples)
