"""The stand-alone verifier: whatever is changed, wherever, is found; and it needs nothing of Postroom."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from postroom.ledger import postroom_verify as verifier
from postroom.ledger.canonical import entry_bytes, leaf_hash
from postroom.ledger.keys import Signer
from postroom.ledger.tree import Tree

DOCUMENT = "018f0000-0000-7000-8000-000000000001"
DELIVERY = "018f0000-0000-7000-8000-000000000002"
PDF = b"%PDF-1.7 small"
#: What the rules decided, as the entry of the document's making holds the digest of it.
DECISION: dict[str, Any] = {
    "salt": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "told": {
        "table": 3,
        "table_sha256": "a" * 64,
        "rows": [2],
        "why": "Wish",
        "rules": ["The customer asked for letters."],
        "saw": {"template": "invoice", "country": "SE"},
    },
}
_AT = dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)
LOG = Signer("log.example/a", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer("log.example/a", Ed25519PrivateKey.from_private_bytes(bytes(32)))
_WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)


def witness_key(name: str = "witness.example/w") -> str:
    public = _WITNESS.public_key().public_bytes_raw()
    number = verifier.key_id(name, verifier.COSIGNATURE, public).hex()
    return f"{name}+{number}+{base64.b64encode(bytes([verifier.COSIGNATURE]) + public).decode()}"


def cosigned(note: str, when: int = 1_795_000_000, name: str = "witness.example/w") -> str:
    """The note with one more line, as a witness makes it (C2SP tlog-cosignature, cosignature/v1)."""
    text = note.partition("\n\n")[0] + "\n"
    key = verifier.parse_key(witness_key(name), verifier.COSIGNATURE)
    signature = _WITNESS.sign(f"cosignature/v1\ntime {when}\n{text}".encode())
    return f"{note}— {name} {base64.b64encode(key.id + when.to_bytes(8, 'big') + signature).decode()}\n"


def evidence(
    signer: Signer = LOG,
    at: Callable[[int], dt.datetime] = lambda seq: _AT + dt.timedelta(seconds=seq),
    change: Callable[[dict[str, Any]], None] = lambda statement: None,
) -> dict[str, Any]:
    """A small evidence file made by hand: entry 2 of 4 is about the document, entry 4 seals the statement.

    ``change``: what whoever exports it does to the statement before it is sealed.
    """
    digest = hashlib.sha256(PDF).hexdigest()
    statement: dict[str, Any] = {
        "salt": "00112233445566778899aabbccddeeff",
        "exported_by": "user:7",
        "exported_at": "2026-11-22T02:00:04.000000Z",
        "document": {
            "id": DOCUMENT,
            "kind": "invoice",
            "number": "Ä-1",
            "version": 1,
            "size": len(PDF),
            "sha256": digest,
            "data_sha256": None,
        },
        "template": None,
        "decision": copy.deepcopy(DECISION),
        "deliveries": [_sent(copy.deepcopy(DECISION["told"]))],
        "entries": [1],
    }
    change(statement)
    made = {
        "sha256": digest,
        "decision_sha256": verifier.decision_digest(DECISION["salt"], DECISION["told"]),
        "deliveries": [DELIVERY],
    }
    facts = {"entries": 1, "statement_sha256": verifier.digest_of(statement)}
    entries = [
        entry_bytes(1, at(1), "system:x", "run.started", "run", None, {}),
        entry_bytes(2, at(2), "system:x", "document.composed", "document", DOCUMENT, made),
        entry_bytes(3, at(3), "system:x", "run.settled", "run", None, {}),
        entry_bytes(4, at(4), "user:7", verifier.SEAL, "document", DOCUMENT, facts),
    ]
    leaves = [leaf_hash(entry) for entry in entries]
    tree = Tree(4, lambda level, start, stop: leaves[start:stop])
    note = cosigned(signer.sign(f"log.example/a\n4\n{base64.b64encode(tree.root).decode()}\n"))
    return {
        "format": verifier.FORMAT,
        "statement": statement,
        "entries": [
            {"entry": entries[index].decode(), "proof": _proof(index, entries[index], tree, note)} for index in (1, 3)
        ],
        "checkpoint": note,
        "log_key": signer.verifier_key,
        "witness_keys": [witness_key()],
    }


def _sent(explanation: dict[str, Any]) -> dict[str, Any]:
    why = json.dumps(explanation, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {
        "id": DELIVERY,
        "channel": "folder",
        "destination": "letters",
        "state": "delivered",
        "truth": "accepted",
        "explanation": explanation,
        "explanation_sha256": hashlib.sha256(why.encode()).hexdigest(),
        "attempts": [],
        "receipts": [],
    }


def _proof(index: int, entry: bytes, tree: Tree, note: str) -> str:
    hashes = "".join(f"{base64.b64encode(step).decode()}\n" for step in tree.inclusion(index))
    return f"{verifier.PROOF}\nextra {base64.b64encode(entry).decode()}\nindex {index}\n{hashes}\n{note}"


def faults(found: dict[str, Any] | bytes, **options: Any) -> str:
    data = found if isinstance(found, bytes) else verifier.canonical(found)
    return "; ".join(verifier.check(data, PDF, **options).faults)


def test_p6_sound_evidence_is_verified_and_told_in_words() -> None:
    # given evidence, when it is checked with the keys one trusts, then it holds, and the report names what it is about
    report = verifier.check(verifier.canonical(evidence()), PDF, LOG.verifier_key, [witness_key()])
    assert (report.faults, report.notes) == ([], [])
    words = verifier.in_words(report, True)
    assert "VERIFIED" in words and "invoice Ä-1" in words and "witness.example/w saw this ledger" in words


def _overlooked(data: bytes, bits_of: Callable[[int], Iterable[int]]) -> list[tuple[int, int]]:
    """Places and bits that can be another one without being found."""
    assert verifier.check(data).verified
    passed = []
    changed = bytearray(data)
    for place in range(len(data)):
        for bit in bits_of(place):
            changed[place] ^= 1 << bit
            if verifier.check(bytes(changed)).verified:
                passed.append((place, bit))
            changed[place] ^= 1 << bit
    return passed


def test_p6_a_changed_bit_in_any_byte_is_found() -> None:
    # given a sound file, when the lowest or another bit of any byte is another one, then it is not verified
    assert _overlooked(verifier.canonical(evidence()), lambda place: {0, 1 + place % 7}) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_p6_every_single_bit_change_is_found() -> None:
    assert _overlooked(verifier.canonical(evidence()), lambda _: range(8)) == []


def test_planted_a_byte_without_meaning_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a verifier that does not ask for the canonical form, then there are bits that nobody would miss
    monkeypatch.setattr(verifier, "read_evidence", json.loads)
    assert _overlooked(verifier.canonical(evidence()), lambda _: (3,)) != []


def test_p6_a_shortened_or_lengthened_file_is_found() -> None:
    data = verifier.canonical(evidence())
    assert all(not verifier.check(data[:length]).verified for length in range(0, len(data), 7))
    assert "canonical" in faults(data + b"\n")
    assert "canonical" in faults(json.dumps(evidence()).encode())


def _drop(found: dict[str, Any]) -> None:
    del found["entries"][0]


def _swap(found: dict[str, Any]) -> None:
    found["entries"].reverse()


def _fork(found: dict[str, Any]) -> None:
    text = f"log.example/a\n4\n{base64.b64encode(bytes(32)).decode()}\n"
    found["checkpoint"] = cosigned(LOG.sign(text))
    for item in found["entries"]:
        item["proof"] = item["proof"].partition("\n\n")[0] + "\n\n" + found["checkpoint"]


def _two_heads(found: dict[str, Any]) -> None:
    text = f"log.example/a\n4\n{base64.b64encode(bytes(32)).decode()}\n"
    found["checkpoint"] = cosigned(LOG.sign(text))


def _restate(found: dict[str, Any]) -> None:
    found["statement"]["document"]["sha256"] = "0" * 64


def _other_leaf(found: dict[str, Any]) -> None:
    entry = found["entries"][0]["entry"].replace("system:x", "system:y")
    found["entries"][0]["entry"] = entry
    lines = found["entries"][0]["proof"].split("\n")
    lines[1] = f"extra {base64.b64encode(entry.encode()).decode()}"
    found["entries"][0]["proof"] = "\n".join(lines)


def _shift(found: dict[str, Any]) -> None:
    found["entries"][0]["proof"] = found["entries"][0]["proof"].replace("index 1", "index 0")


def _other_key(found: dict[str, Any]) -> None:
    found["log_key"] = OTHER.verifier_key


def _stranger(found: dict[str, Any]) -> None:
    found["witness_keys"] = []


def _unasked(found: dict[str, Any]) -> None:
    found["witness_keys"].append(witness_key("witness.example/z"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_drop, "entries are missing"),
        (_swap, "stands behind entry"),
        (_fork, "is not in the signed ledger"),
        (_two_heads, "against another checkpoint"),
        (_restate, "not the one whose digest the ledger holds"),
        (_other_leaf, "entry 2 is not in the signed ledger"),
        (_shift, "entry 1 is not in the signed ledger"),
        (_other_key, "not signed by the log's key"),
        (_stranger, "somebody unknown"),
        (_unasked, "has not signed"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_p6_planted_each_fault_is_named(change: Callable[[dict[str, Any]], None], words: str) -> None:
    found = copy.deepcopy(evidence())
    change(found)
    assert words in faults(found)


def test_p6_planted_a_ledger_signed_anew_is_found_by_who_knows_the_key() -> None:
    # given a forger who signs another ledger with a key of their own: the file is sound in itself
    forged = evidence(OTHER)
    assert faults(forged) == ""
    # then whoever got the key another way finds out, and so does whoever asks for a witness that did not sign
    assert "not the one you trust" in faults(forged, key=LOG.verifier_key)
    assert "has not signed" in faults(evidence(), witnesses=[witness_key("witness.example/z")])


def test_p6_a_clock_that_went_back_is_told_and_no_fault() -> None:
    # given entry 4 dated an hour before entry 2
    found = evidence(at=lambda seq: _AT - dt.timedelta(hours=1) if seq == 4 else _AT)
    report = verifier.check(verifier.canonical(found), PDF, LOG.verifier_key)
    assert report.verified and any("clock went back: entry 4" in note for note in report.notes)


def test_p6_another_document_is_found() -> None:
    report = verifier.check(verifier.canonical(evidence()), PDF + b" ")
    assert "its SHA-256 is another one" in report.faults[0]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b"null\n", b"NaN\n"])
def test_bad_input_is_a_fault_and_no_crash(data: bytes) -> None:
    assert not verifier.check(data).verified


def test_the_verifier_runs_alone_and_ends_with_its_codes(tmp_path: Path) -> None:
    # given nothing but the file of the verifier, in a folder of its own
    program = tmp_path / "postroom_verify.py"
    program.write_bytes(Path(verifier.__file__).read_bytes())
    assert "postroom" not in [
        word for line in program.read_text("utf-8").splitlines() if "import" in line[:6] for word in line.split()
    ]
    (tmp_path / "e.json").write_bytes(verifier.canonical(evidence()))
    (tmp_path / "e.pdf").write_bytes(PDF)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", str(program), *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=30)

    # when it checks evidence, then 0 and words, JSON, and the proofs as files; 1 when changed; 2 when there is nothing
    done = run("e.json", "e.pdf", "--key", LOG.verifier_key, "--json", "--proofs", "proofs")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verified"] is True
    assert (tmp_path / "proofs" / "1.tlog-proof").read_text("utf-8").startswith(verifier.PROOF)
    (tmp_path / "e.json").write_bytes(verifier.canonical(evidence()).replace(b"invoice", b"invoicf"))
    assert run("e.json").returncode == 1
    assert run("missing.json").returncode == 2


def _flipped(place: int, bit: int) -> Callable[[dict[str, Any]], None]:
    """One bit of the decision is another one before the statement is sealed: the seal itself fits."""

    def change(statement: dict[str, Any]) -> None:
        rule = bytearray(statement["decision"]["told"]["rules"][0].encode())
        rule[place] ^= 1 << bit
        statement["decision"]["told"]["rules"][0] = rule.decode("latin-1")

    return change


def _other_table(statement: dict[str, Any]) -> None:
    statement["decision"]["told"]["table"] = 4


def _other_salt(statement: dict[str, Any]) -> None:
    statement["decision"]["salt"] = "0" * 32


def _unsalted(statement: dict[str, Any]) -> None:
    del statement["decision"]["salt"]


def _told_otherwise(statement: dict[str, Any]) -> None:
    statement["deliveries"] = [_sent({**DECISION["told"], "why": "Law"})]


def _left_out(statement: dict[str, Any]) -> None:
    statement["decision"], statement["deliveries"] = None, []


def test_p6_a_decision_that_was_changed_before_the_sealing_is_found() -> None:
    # given a forger who seals another decision than the one the document's own entry holds the digest of
    rule = DECISION["told"]["rules"][0]
    for place in range(len(rule)):
        for bit in range(7):
            assert "what the rules decided" in faults(evidence(change=_flipped(place, bit))), (place, bit)
    for change in (_other_table, _other_salt, _unsalted):
        assert "what the rules decided" in faults(evidence(change=change)), change
    # and a delivery cannot tell another one than the document
    assert "another decision" in faults(evidence(change=_told_otherwise))


def test_p6_a_decision_is_told_in_words_and_may_be_left_out() -> None:
    report = verifier.check(verifier.canonical(evidence()), PDF)
    assert "Decided    by table 3: The customer asked for letters." in verifier.in_words(report, True)
    # given somebody who may not see deliveries, then the rest still holds, and the reader is told
    report = verifier.check(verifier.canonical(evidence(change=_left_out)), PDF)
    assert report.verified and any("rules decided was left out" in note for note in report.notes)


def test_planted_a_verifier_that_does_not_hold_the_decision_against_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "check_decision", lambda statement, made, report: None)
    assert faults(evidence(change=_other_table)) == ""
