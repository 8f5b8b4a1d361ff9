"""The bookkeeping asks a fixed number of questions, however many records a chunk has: the table below is exact.

A query for each record is what makes a run of a million slow, and no test of results sees it. Whoever needs one more
statement writes it into the table, and says why in the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from api_kit import records
from kit.runs import problems_of, start, write
from kit.wire import statements

#: Statements of each act, BEGIN and COMMIT among them. What is exact here is the most there may be.
MOST: Mapping[str, int] = {
    "read a chunk": 23,
    "claim a chunk": 1,
    "compose a chunk": 29,
    "claim a delivery": 2,
    "settle a delivery": 10,
    "claim with nothing due": 2,
    "dispatch with nothing due": 3,
    "a sweep with nothing to do": 26,
}


def complaints(few: Mapping[str, int], many: Mapping[str, int], most: Mapping[str, int] = MOST) -> list[str]:
    """What is wrong with the numbers of statements for a chunk of 20 and for one of 200."""
    found = [f"{act} sends {many[act]} statements, not {most[act]}" for act in most if many[act] > most[act]]
    return found + [f"{act} sends {many[act] - few[act]} more for more records" for act in most if many[act] > few[act]]


def _counted(act: Callable[[], Any]) -> int:
    """The pace of a destination is read once a second: here always, so that no figure is a matter of luck."""
    from postroom.delivery.pace import forget_paces

    forget_paces()
    with statements() as sent:
        act()
    return sent.count


def _file(folder: Path, count: int, name: str) -> Path:
    """Records for as many people as there are records, all new."""
    made = records(count)
    for record in made:
        record["number"] = f"{name.upper()}-{record['number']}"
        record["customer"] = {**record["customer"], "key": record["number"]}
    return write(folder, made, f"{name}.jsonl")


def _numbers(folder: Path, count: int, name: str) -> dict[str, int]:
    """The statements of each act of the table, for a run of one chunk of ``count`` records."""
    from postroom.delivery.claiming import claim
    from postroom.delivery.dispatch import dispatch
    from postroom.delivery.models import Delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Sent, Truth
    from postroom.kernel import liveness
    from postroom.production import protocol as p
    from postroom.production.models import Chunk, Record
    from postroom.production.pipeline import _COMPOSING, compose_chunk
    from postroom.production.reading import read_parcel
    from postroom.production.recovery import sweep
    from postroom.production.settling import settle_run

    found = {}
    liveness.current()
    run = start(_file(folder, count, name))
    found["read a chunk"] = _counted(lambda: read_parcel(run.pk))
    chunk = Chunk.objects.get(run=run)
    assert Record.objects.filter(chunk=chunk).count() == count
    taken: Any = p.TakeChunk(chunk.pk, chunk.pk)
    found["claim a chunk"] = _counted(lambda: _COMPOSING[p.TakeChunk](taken))
    _COMPOSING[p.Release](p.Release(chunk.pk, chunk.pk, blame=False))
    found["compose a chunk"] = _counted(lambda: compose_chunk(chunk.pk))
    first = Delivery.objects.filter(run_id=run.pk, state="ready").first()
    assert first is not None, problems_of(run)
    where = first.destination_id
    kept: list[Any] = []
    found["claim a delivery"] = _counted(lambda: kept.append(claim(where, liveness.current().number)))
    found["settle a delivery"] = _counted(lambda: settle(kept[0], Sent(Truth.RELAYED, "250 done"), Truth.RELAYED))
    Delivery.objects.filter(run_id=run.pk).update(state="delivered", worker_lock=None)
    settle_run(run.pk)
    found["claim with nothing due"] = _counted(lambda: claim(where, liveness.current().number))
    dispatch(where)
    found["dispatch with nothing due"] = _counted(lambda: dispatch(where))
    sweep()
    found["a sweep with nothing to do"] = _counted(sweep)
    return found


def test_p3_a_chunk_of_200_costs_as_many_statements_as_one_of_20(starters: list[str], tmp_path: Path) -> None:
    # given everything that is loaded once, loaded
    _numbers(tmp_path, 2, "warm")
    # when a chunk of twenty and one of two hundred go through
    few, many = _numbers(tmp_path, 20, "few"), _numbers(tmp_path, 200, "many")
    # then both send the same statements, and no more than was agreed
    assert complaints(few, many) == []
    # and the table has no room that nobody needs
    assert {act: MOST[act] for act in MOST if many[act] < MOST[act]} == {}, many


def test_planted_a_query_for_each_record_is_noticed(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.parties.models import Party
    from postroom.production import commit

    # given a commit that asks for each document who it is for
    real = commit._composed

    def asking(work: Any, *rest: Any) -> Any:
        Party.objects.get(pk=work.party.id)
        return real(work, *rest)

    _numbers(tmp_path, 2, "warm")
    monkeypatch.setattr(commit, "_composed", asking)
    # when two chunks go through, then it is told
    told = complaints(_numbers(tmp_path, 5, "few"), _numbers(tmp_path, 9, "many"))
    assert "compose a chunk sends 4 more for more records" in told
