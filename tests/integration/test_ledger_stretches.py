"""The ledger is verified a stretch at a time: what the whole walk finds, the stretches together find too."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from api_kit import Program, World
from postroom.kernel.home import Home

Programs = Callable[..., Program]


def _many(blocks: int, entries: int) -> None:
    from django.db import transaction

    from postroom.ledger.append import Act, append

    for _ in range(blocks):
        with transaction.atomic():
            append("system:test", [Act("test.happened", "test") for _ in range(entries)])


def _stretches(limit: int) -> Iterator[object]:
    from postroom.ledger.place import parse_place
    from postroom.ledger.verify import verify

    text = ""
    while True:
        verdict = verify(start=parse_place(text), limit=limit)
        yield verdict
        if verdict.onward is None:
            return
        text = verdict.onward.text()


@pytest.mark.parametrize("limit", [1, 100, 256, 300, 700, 5000])
def test_p6_stretches_come_to_the_verdict_of_the_whole_walk(db: str, limit: int) -> None:
    from postroom.ledger import checkpoint
    from postroom.ledger.verify import verify

    # given a ledger with complete subtrees and signed heads in the middle and at the end
    _many(7, 60)
    checkpoint.make()
    _many(5, 70)
    checkpoint.make()
    whole = verify()
    # when it is walked in stretches
    walked = list(_stretches(limit))
    # then nothing is missed or seen twice, and the end is the same
    assert all(one.whole for one in walked) and whole.whole  # type: ignore[attr-defined]
    assert sum(one.entries for one in walked) == whole.entries  # type: ignore[attr-defined]
    assert sum(one.blocks for one in walked) == whole.blocks  # type: ignore[attr-defined]
    assert sum(one.heads for one in walked) == whole.heads == 2  # type: ignore[attr-defined]
    assert (walked[-1].head, walked[-1].root) == (whole.head, whole.root)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE ledger_entry SET act = 'test.other' WHERE seq = 150", "entry 150 was changed"),
        ("DELETE FROM ledger_block WHERE no = 3", "blocks 3 to 3 are missing"),
        ("UPDATE ledger_node SET hash = leaf FROM ledger_entry WHERE seq = 1", "of level 1 of the tree was changed"),
        ("DELETE FROM ledger_entry WHERE seq > 240; DELETE FROM ledger_block WHERE no > 4", "were cut off"),
    ],
)
@pytest.mark.parametrize("limit", [50, 130, 5000])
def test_planted_damage_is_found_by_the_stretch_it_lies_in(
    db: str, home: Home, damage: str, told: str, limit: int
) -> None:
    from django.db import connection

    _many(8, 60)
    with connection.cursor() as cursor:
        for table in ("ledger_entry", "ledger_block", "ledger_node"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(damage)
    faults = [fault for one in _stretches(limit) for fault in one.faults]  # type: ignore[attr-defined]
    assert any(told in fault for fault in faults), faults


def test_the_api_answers_a_stretch_and_where_to_go_on(world: World, program_of: Programs) -> None:
    program = program_of("auditor")
    _many(5, 60)
    first = program.get("/ledger/verify", {"limit": 100}).json()
    assert first["whole"] and first["next"] and 100 <= first["entries"] < 400
    # when it is asked until there is no next
    entries, answer = first["entries"], first
    while answer["next"]:
        answer = program.get("/ledger/verify", {"from": answer["next"], "limit": 100}).json()
        assert answer["whole"]
        entries += answer["entries"]
    # then that was all of it
    whole = program.get("/ledger/verify").json()
    assert (whole["entries"], whole["head"], whole["next"]) == (entries, answer["head"], None)
    # and a place nobody told is refused
    for wrong in ("nonsense", "WzEsMiwzXQ", "W10"):
        assert program.get("/ledger/verify", {"from": wrong}).json()["code"] == "bad-place"
    assert program.get("/ledger/verify", {"limit": 0}).status_code == 422
