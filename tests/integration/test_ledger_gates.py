"""P6: the database refuses to change the ledger, and whoever gets past the database is found out."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from api_kit import World
from kit.runs import postroom
from postroom.kernel.home import Home


def _run(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _past_the_triggers(table: str, *statements: str) -> None:
    """As the owner of the database can."""
    _run(f"ALTER TABLE {table} DISABLE TRIGGER USER", *statements, f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def last(world: World) -> Iterator[tuple[int, int]]:
    """Number of the last block, and of its first entry."""
    from postroom.ledger.models import Block

    block = Block.objects.order_by("-no")[0]
    yield block.no, block.first_seq


def test_p6_the_database_refuses_to_change_the_ledger(world: World) -> None:
    from django.db import DatabaseError

    # given a ledger with entries, when they are to be changed, then the database refuses and says why
    for table in ("ledger_entry", "ledger_block"):
        for act in ("UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(DatabaseError, match="append-only"):
                _run(act.format(table))


def test_p6_a_changed_entry_is_named_and_ends_with_8(last: tuple[int, int]) -> None:
    # given one word changed behind the triggers
    _past_the_triggers("ledger_entry", f"UPDATE ledger_entry SET actor = 'nobody' WHERE seq = {last[1]}")
    # when the ledger is verified in the terminal, then entry and block are named
    done = postroom("ledger", "verify")
    assert done.returncode == 8, done.stdout + done.stderr
    assert f"entry {last[1]} was changed" in done.stdout
    assert f"block {last[0]} was changed" in done.stdout


def test_p6_a_changed_entry_with_a_fitting_leaf_is_named_too(last: tuple[int, int]) -> None:
    from postroom.ledger.canonical import entry_bytes, leaf_hash
    from postroom.ledger.models import Entry
    from postroom.ledger.verify import verify

    # given somebody who changes an entry and computes its leaf anew
    entry = Entry.objects.get(seq=last[1])
    forged = leaf_hash(entry_bytes(entry.seq, entry.at, "nobody", entry.act, entry.kind, entry.object_id, entry.facts))
    _past_the_triggers(
        "ledger_entry",
        f"UPDATE ledger_entry SET actor = 'nobody', leaf = '\\x{forged.hex()}' WHERE seq = {last[1]}",
    )
    # then the block does not fit any more
    assert f"block {last[0]} was changed" in verify().faults


def test_p6_a_cut_off_tail_is_named(last: tuple[int, int]) -> None:
    from postroom.ledger.verify import verify

    # given the last block and its entries removed: what is left is a sound chain
    _past_the_triggers("ledger_entry", f"DELETE FROM ledger_entry WHERE block_no = {last[0]}")
    _past_the_triggers("ledger_block", f"DELETE FROM ledger_block WHERE no = {last[0]}")
    # then the anchor outside the database knows better
    assert verify().faults == (f"blocks {last[0]} to {last[0]} were cut off: they are noted as made, and gone",)


def test_p6_a_missing_block_and_a_stray_entry_are_named(last: tuple[int, int]) -> None:
    from postroom.ledger.verify import verify

    # given a block removed from the middle, its entries left
    _past_the_triggers("ledger_block", f"DELETE FROM ledger_block WHERE no = {last[0] - 1}")
    # then the gap is named
    assert f"blocks {last[0] - 1} to {last[0] - 1} are missing" in verify().faults


def test_p6_a_walk_beside_living_writers_finds_nothing(world: World, home: Home) -> None:
    from django.db import connection, transaction

    from postroom.ledger.append import Act, append
    from postroom.ledger.verify import verify

    # given a writer that appends all the time
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            with transaction.atomic():
                append("system:test", [Act("test.noted", "test")])
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        # when the ledger is walked again and again, then it is whole each time
        for _ in range(15):
            assert verify().faults == ()
    finally:
        over.set()
        writer.join(10)


def test_p6_an_anchor_that_cannot_be_written_does_not_undo_what_is_committed(
    world: World, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import transaction

    from postroom.ledger.append import Act, append
    from postroom.ledger.models import Entry
    from postroom.ledger.verify import verify

    # given a place for anchors that cannot be written
    home.ledger_heads.unlink()
    home.ledger_heads.mkdir()
    # when something is appended
    with transaction.atomic():
        append("system:test", [Act("test.noted", "test")])
    # then it is there, the trouble is in the log, and once mended the ledger is whole
    assert Entry.objects.filter(act="test.noted").exists()
    assert "ledger-heads.log" in caplog.text or "on_commit" in caplog.text
    home.ledger_heads.rmdir()
    assert verify().whole
