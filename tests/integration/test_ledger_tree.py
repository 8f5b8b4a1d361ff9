"""P6: the kept nodes of the tree, signed heads and witnesses, on the real database."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.runs import postroom
from postroom.kernel.home import Home


def _note(count: int, blocks: int = 1) -> None:
    from django.db import transaction

    from postroom.ledger.append import Act, append

    for _ in range(blocks):
        with transaction.atomic():
            append("system:test", [Act("test.noted", "test", None, {"number": number}) for number in range(count)])


def _past_the_triggers(table: str, *statements: str) -> None:
    """As the owner of the database can."""
    from django.db import connection

    with connection.cursor() as cursor:
        for each in (
            f"ALTER TABLE {table} DISABLE TRIGGER USER",
            *statements,
            f"ALTER TABLE {table} ENABLE TRIGGER USER",
        ):
            cursor.execute(each)


def _nodes() -> list[tuple[int, int, bytes]]:
    from postroom.ledger.models import Node

    found = Node.objects.order_by("level", "place").values_list("level", "place", "hash")
    return [(level, place, bytes(digest)) for level, place, digest in found]


def test_p6_nodes_are_kept_with_the_block_that_completes_them(db: str) -> None:
    from postroom.ledger.models import Entry
    from postroom.ledger.nodes import tree
    from postroom.ledger.tree import Growing
    from postroom.ledger.verify import verify

    # given blocks of odd sizes, one of them longer than a node
    for count in (1, 254, 2, 700, 3, 128):
        _note(count)
    # then each complete group of 256 has its node, and tree and walk agree with one built leaf by leaf
    growing, wanted = Growing(), []
    for leaf in Entry.objects.order_by("seq").values_list("leaf", flat=True):
        wanted += growing.push(bytes(leaf))
    assert _nodes() == wanted and len(wanted) == growing.size // 256
    assert tree().root == growing.root
    verdict = verify()
    assert verdict.whole and verdict.root == growing.root.hex()


def test_p6_an_existing_ledger_gets_its_nodes_in_batches_and_goes_on_where_it_stopped(db: str) -> None:
    from postroom.ledger.nodes import fill, tree
    from postroom.ledger.verify import verify

    # given a ledger of an older version: entries and no nodes
    _note(500, blocks=4)
    kept, root = _nodes(), tree().root
    _past_the_triggers("ledger_node", "DELETE FROM ledger_node")
    # then it can be read all the same
    assert tree().root == root
    # when it is filled in steps, and stopped after the first
    assert fill(most=3) == 3 and len(_nodes()) == 3
    assert fill(most=3) == 3 and fill(most=3) == 1 and fill(most=3) == 0
    assert _nodes() == kept and verify().whole


def test_p6_an_append_makes_up_for_an_older_version(db: str) -> None:
    from postroom.ledger.verify import verify

    _note(600)
    _past_the_triggers("ledger_node", "DELETE FROM ledger_node")
    _note(200)
    assert [place for _, place, _ in _nodes()] == [0, 1, 2] and verify().whole


def test_p6_entries_that_are_gone_stop_no_commit_and_get_no_signature(
    db: str, caplog: pytest.LogCaptureFixture
) -> None:
    from postroom.ledger import checkpoint
    from postroom.ledger.errors import LedgerDamaged
    from postroom.ledger.verify import verify

    # given an entry gone behind the triggers
    _note(200)
    _past_the_triggers("ledger_entry", "DELETE FROM ledger_entry WHERE seq = 100")
    # when business goes on past the place where a node would be kept
    _note(200)
    # then the log, the signing and the walk name it
    assert "199 of the entries 1 to 200" in caplog.text and _nodes() == []
    with pytest.raises(LedgerDamaged, match="no entry 100"):
        checkpoint.make()
    assert "block 1 has 199 entries" in "; ".join(verify().faults)


def test_p6_the_database_refuses_to_change_tree_and_heads(db: str) -> None:
    from django.db import DatabaseError, connection

    from postroom.ledger import checkpoint

    _note(300)
    checkpoint.make()
    for table in ("ledger_node", "ledger_checkpoint"):
        for act in ("UPDATE {} SET root = root", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            act = act.replace("root = root", "hash = hash") if table == "ledger_node" else act
            with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
                cursor.execute(act.format(table))


@pytest.mark.parametrize(
    ("table", "statement", "words"),
    [
        ("ledger_node", "UPDATE ledger_node SET hash = '\\x00' WHERE place = 1", "node 1 of level 1 of the tree was"),
        ("ledger_node", "DELETE FROM ledger_node WHERE place = 0", "node 0 of level 1 of the tree is missing"),
        ("ledger_checkpoint", "UPDATE ledger_checkpoint SET root = '\\x00'", "history has forked"),
        ("ledger_checkpoint", "UPDATE ledger_checkpoint SET note = replace(note, 'inv', 'inw')", "does not hold"),
        ("ledger_entry", "DELETE FROM ledger_entry WHERE seq = 300", "block 1 has 599 entries"),
        (
            "ledger_entry",
            "UPDATE ledger_entry SET seq = 0 WHERE seq = 499; UPDATE ledger_entry SET seq = 499 WHERE seq = 501;"
            " UPDATE ledger_entry SET seq = 501 WHERE seq = 0",
            "entry 499 was changed",
        ),
    ],
    ids=["changed-node", "missing-node", "forked-head", "forged-head", "missing-leaf", "reordered"],
)  # fmt: skip
def test_p6_planted_whoever_gets_past_the_triggers_is_named(db: str, table: str, statement: str, words: str) -> None:
    from postroom.ledger import checkpoint
    from postroom.ledger.verify import verify

    _note(600)
    checkpoint.make()
    _past_the_triggers(table, statement)
    assert words in "; ".join(verify().faults)


def test_p6_a_head_is_signed_once_for_a_size_and_noted_outside(db: str, home: Home) -> None:
    from postroom.ledger import checkpoint, keys
    from postroom.ledger.postroom_verify import ED25519, parse_head, parse_key, signed

    _note(5)
    # when a head is asked for twice, then it is one, signed by the key of this home, which only its owner reads
    head = checkpoint.make()
    assert checkpoint.make().note == head.note
    assert signed(parse_head(head.note), parse_key(head.key, ED25519)) == 0
    assert keys.place().stat().st_mode & 0o777 == 0o600
    # and it stands outside the database, on a line older versions pass over
    line = home.ledger_heads.read_text("ascii").splitlines()[-1]
    assert line.startswith(f"checkpoint 5 {bytes(head.root).hex()} ")


def test_p6_a_worker_keeps_up_without_signing_all_the_time(db: str) -> None:
    from postroom.ledger import checkpoint

    assert checkpoint.keep_up(60) is None  # an empty ledger
    _note(1)
    assert checkpoint.keep_up(60) is not None
    _note(1)
    assert checkpoint.keep_up(60) is None  # too soon
    assert checkpoint.keep_up(0) is not None
    assert checkpoint.keep_up(0) is None  # nothing new


def test_p6_nothing_is_signed_that_contradicts_a_signed_head(db: str, home: Home) -> None:
    from postroom.ledger import checkpoint
    from postroom.ledger.errors import LedgerForked
    from postroom.ledger.verify import verify

    # given a signed ledger, then cut back behind the triggers: a fork would be signed next
    _note(3)
    _note(3)
    checkpoint.make()
    for table in ("ledger_entry", "ledger_block"):
        column = "block_no" if table == "ledger_entry" else "no"
        _past_the_triggers(table, f"DELETE FROM {table} WHERE {column} = 2")
    # then neither the cut-off ledger nor another one of the same length gets a signature
    with pytest.raises(LedgerForked, match="entries 4 to 6 were cut off"):
        checkpoint.make()
    assert any("a signed head has them" in fault for fault in verify().faults)
    _past_the_triggers("ledger_checkpoint", "DELETE FROM ledger_checkpoint")
    _note(3)
    with pytest.raises(LedgerForked, match=r"history was rewritten.*ledger-heads.log"):
        checkpoint.make()
    assert any("history has forked" in fault for fault in verify().faults)


def test_p6_a_checkpoint_kept_elsewhere_finds_a_rewritten_history(db: str, home: Home, tmp_path: Path) -> None:
    from postroom.ledger.models import Block

    # given a checkpoint an auditor keeps
    _note(4)
    kept = tmp_path / "kept.checkpoint"
    assert postroom("ledger", "checkpoint", "--to", str(kept)).returncode == 0
    _note(400)
    done = postroom("ledger", "verify", "--since", str(kept))
    assert done.returncode == 0 and "It continues the checkpoint" in done.stdout, done.stdout + done.stderr
    # when an owner of everything rewrites the ledger, heads and notes outside included
    for table in ("ledger_checkpoint", "ledger_node", "ledger_entry", "ledger_block"):
        _past_the_triggers(table, f"DELETE FROM {table}")
    home.ledger_heads.unlink()
    assert not Block.objects.exists()
    _note(500)
    # then the ledger is whole by itself, and the auditor's file says what was done
    assert postroom("ledger", "verify").returncode == 0
    done = postroom("ledger", "verify", "--since", str(kept))
    assert done.returncode == 8 and "history was rewritten" in done.stdout
    # and a file somebody else signed is refused
    text = kept.read_text("utf-8")
    kept.write_text(text.replace("\n4\n", "\n5\n"), encoding="utf-8")
    assert postroom("ledger", "verify", "--since", str(kept)).returncode == 3


def test_p6_another_key_does_not_sign_before_the_ledger_is_told(db: str) -> None:
    from postroom.ledger import checkpoint, keys
    from postroom.ledger.errors import LedgerKeyMissing
    from postroom.ledger.verify import verify

    # given a signed ledger whose key is gone from this home, or replaced
    _note(2)
    first = checkpoint.make()
    key = keys.place()
    key.rename(key.with_suffix(".away"))
    _note(1)
    with pytest.raises(LedgerKeyMissing, match="does not exist"):
        checkpoint.make()
    assert checkpoint.keep_up(0) is None
    keys.make("postroom.invalid/other")
    with pytest.raises(LedgerKeyMissing, match="holds another one"):
        checkpoint.make()
    # when the ledger is told of a new key, then it signs, under the same name, and all heads hold
    checkpoint.new_key("user:1")
    second = checkpoint.make()
    assert second.key != first.key and second.key.partition("+")[0] == first.key.partition("+")[0]
    assert verify().whole
    # and a key that others can read is refused
    os.chmod(key, 0o640)  # noqa: PTH101
    _note(1)
    with pytest.raises(LedgerKeyMissing, match="can be read by others"):
        checkpoint.make()


def test_p6_a_clock_that_went_back_is_a_note_and_heads_go_on(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.ledger import checkpoint
    from postroom.ledger.verify import verify

    monkeypatch.setenv("POSTROOM_CLOCK", "2026-11-22T12:00:00+00:00")
    _note(1)
    first = checkpoint.make()
    monkeypatch.setenv("POSTROOM_CLOCK", "2026-11-22T11:00:00+00:00")
    _note(1)
    verdict = verify()
    assert verdict.whole
    assert verdict.notes == ("the clock went back: block 2 is dated 3600 s before one that came earlier",)
    assert checkpoint.make().at == first.at


def test_p6_a_witness_cosigns(db: str, tmp_path: Path) -> None:
    from postroom.ledger import checkpoint
    from postroom.ledger.errors import BadCheckpoint, BadCosignature
    from postroom.ledger.postroom_verify import COSIGNATURE, consistent, from_base64, key_id, parse_head
    from postroom.ledger.verify import verify

    private = Ed25519PrivateKey.generate()
    public, name = private.public_key().public_bytes_raw(), "witness.example/w"
    number = key_id(name, COSIGNATURE, public)
    vkey = f"{name}+{number.hex()}+{base64.b64encode(bytes([COSIGNATURE]) + public).decode()}"

    def cosign(note: str, when: int = 1_795_000_000) -> str:
        text = parse_head(note).text
        signature = private.sign(f"cosignature/v1\ntime {when}\n{text}".encode())
        return f"{note}— {name} {base64.b64encode(number + when.to_bytes(8, 'big') + signature).decode()}\n"

    # given a witness that saw 3 entries, when it is asked about more, then the question has the proof it wants
    _note(3)
    old = checkpoint.make()
    _note(300)
    asked = postroom("ledger", "ask", "3").stdout
    top, _, note = asked.partition("\n\n")
    head = parse_head(note)
    lines = top.splitlines()
    path = [from_base64(line) for line in lines[1:]]
    assert lines[0] == "old 3" and consistent(3, head.size, bytes(old.root), head.root, path)
    # and its line is kept, handed out, and verified with the rest
    answered = tmp_path / "answered"
    answered.write_text(cosign(note), encoding="utf-8")
    done = postroom("ledger", "cosign", str(answered), "--witness", vkey)
    assert done.returncode == 0, done.stderr
    kept = checkpoint.newest()
    assert kept is not None and checkpoint.note(kept) == cosign(note) and verify().whole
    # planted: an unsigned note, another witness, another text, a time that was not signed
    with pytest.raises(BadCosignature, match="has not signed"):
        checkpoint.cosign(note, vkey)
    with pytest.raises(BadCosignature, match="not a verifier key"):
        checkpoint.cosign(cosign(note), kept.key)
    with pytest.raises(BadCheckpoint, match="signed no head"):
        checkpoint.cosign(cosign(note).replace(f"\n{head.size}\n", "\n999\n"), vkey)
    forged = cosign(note, 5).splitlines()
    raw = bytearray(from_base64(forged[-1].split(" ")[2]))
    raw[11] ^= 1
    forged[-1] = f"— {name} {base64.b64encode(raw).decode()}"
    with pytest.raises(BadCosignature, match="does not hold"):
        checkpoint.cosign("\n".join(forged) + "\n", vkey)


def test_p6_an_entry_is_proven_for_other_peoples_verifiers(db: str) -> None:
    from postroom.ledger.canonical import leaf_hash
    from postroom.ledger.postroom_verify import included, parse_head, parse_proof

    _note(700)
    done = postroom("ledger", "prove", "257")
    entry, index, path, note = parse_proof(done.stdout)
    head = parse_head(note)
    assert index == 256 and included(leaf_hash(entry), index, head.size, path, head.root)
    assert postroom("ledger", "prove", "9999").returncode == 4


def test_the_key_is_told_and_named_once(db: str) -> None:
    done = postroom("ledger", "key", "--origin", "example.com/post")
    assert done.returncode == 0 and done.stdout.startswith("example.com/post+"), done.stderr
    assert postroom("ledger", "key").stdout == done.stdout
    assert postroom("ledger", "key", "--origin", "other").returncode == 3
    assert postroom("ledger", "key", "--new", "--origin", "a b").returncode == 3
    _note(1)
    assert postroom("ledger", "checkpoint").stdout.startswith("example.com/post\n2\n")


def test_the_api_hands_out_the_newest_checkpoint(db: str, program_of: Callable[..., Any]) -> None:
    from postroom.ledger import checkpoint

    auditor = program_of("auditor")
    assert auditor.get("/ledger/checkpoint").status_code == 404
    head = checkpoint.make()
    answer = auditor.get("/ledger/checkpoint")
    assert answer.status_code == 200 and answer.content.decode() == head.note
    assert program_of("clerk").get("/ledger/checkpoint").status_code in (403, 404)
