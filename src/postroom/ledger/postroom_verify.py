#!/usr/bin/env python3
"""Checks an evidence file of Postroom, offline: ``python postroom_verify.py evidence.json [document.pdf]``.

This file stands alone: copy it anywhere. It needs Python 3.11 and the package ``cryptography``, and neither Postroom
nor a network. What it checks, in this order (docs/evidence.md tells the format):

1. the file is the canonical form of itself, so no byte of it is without meaning;
2. the checkpoint is signed by the log's key (C2SP signed-note and tlog-checkpoint, Ed25519), and each further line of
   it is the cosignature of a witness (C2SP tlog-cosignature, ``cosignature/v1``);
3. each entry is a leaf of the signed tree (C2SP tlog-proof; RFC 9162, section 2.1.3.2);
4. the statement is the one whose digest the last entry holds, and names exactly the entries that are here;
5. entries and statement tell the same: the document's SHA-256, its data's, its template's, what the rules decided
   about it; and the document, if given, has that SHA-256.

Exit code 0: everything holds. 1: something does not. 2: it could not be checked.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import datetime as dt
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "postroom-evidence/1"
PROOF = "c2sp.org/tlog-proof@v1"
SEAL = "document.evidence_exported"
ED25519, COSIGNATURE = 1, 4
#: A clock that goes back by less is that of another machine, or of a correction.
_SLACK = dt.timedelta(seconds=60)
_NOTE = re.compile(r"\A([^\x00-\x1f]+\n(?:0|[1-9][0-9]*)\n[A-Za-z0-9+/]{43}=\n)\n((?:— [^\s+]+ [A-Za-z0-9+/=]+\n)+)\Z")


class Wrong(Exception):
    """Something does not hold; the words say what."""


@dataclass(frozen=True)
class Key:
    """A verifier key: ``name+id+base64(type || public key)``."""

    text: str
    name: str
    id: bytes
    type: int
    public: bytes


@dataclass(frozen=True)
class Head:
    """A checkpoint: what was signed, and the lines below it as (key name, key id, signature)."""

    text: str
    origin: str
    size: int
    root: bytes
    lines: tuple[tuple[str, bytes, bytes], ...]


@dataclass
class Report:
    """What was found. Verified when there are no faults; notes are worth knowing and no fault."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def verified(self) -> bool:
        return not self.faults


def from_base64(text: str) -> bytes:
    """Strict: one text for one sequence of bytes (RFC 4648, sections 3.5 and 4)."""
    try:
        found = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise Wrong(f"{text[:40]!r} is not Base64") from error
    if base64.b64encode(found).decode() != text:
        raise Wrong(f"{text[:40]!r} is not written as Base64 must be")
    return found


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """C2SP signed-note: the first four bytes of SHA-256(name || 0x0A || type || public key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def parse_key(text: str, kind: int) -> Key:
    """A verifier key of one type. Raises Wrong."""
    name, _, rest = text.partition("+")
    number, _, material = rest.partition("+")
    raw = from_base64(material)
    if not name or re.search(r"\s", name) or len(raw) != 33 or raw[0] != kind:
        raise Wrong(f"{text[:80]!r} is not a verifier key of the type {kind}")
    if key_id(name, kind, raw[1:]).hex() != number:
        raise Wrong(f"the verifier key of {name} does not fit its id {number[:16]!r}")
    return Key(text, name, bytes.fromhex(number), kind, raw[1:])


def parse_head(note: str) -> Head:
    """A checkpoint with its signature lines (C2SP signed-note, tlog-checkpoint). Nothing is verified yet."""
    found = _NOTE.match(note)
    if found is None:
        raise Wrong("the checkpoint is not written as a signed note of three lines")
    origin, size, root = found[1].splitlines()
    lines = []
    for line in found[2].splitlines():
        _, name, material = line.split(" ")
        raw = from_base64(material)
        lines.append((name, raw[:4], raw[4:]))
    return Head(found[1], origin, int(size), from_base64(root), tuple(lines))


def signed(head: Head, key: Key) -> int | None:
    """Hold ``head`` against a key: None when no line is this key's, else the witness's time (0 for the log itself).

    Raises Wrong when a line is this key's and does not hold.
    """
    mine = [signature for name, number, signature in head.lines if (name, number) == (key.name, key.id)]
    if not mine:
        return None
    if len(mine) > 1:
        raise Wrong(f"the checkpoint has {len(mine)} signatures of {key.name} in place of one")
    signature, message, when = mine[0], head.text.encode(), 0
    if key.type == COSIGNATURE:
        when = int.from_bytes(signature[:8], "big")
        message = f"cosignature/v1\ntime {when}\n".encode() + message
        signature = signature[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Wrong(f"the signature of {key.name} under the checkpoint does not hold") from error
    return when


def _joined(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = _joined(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = _joined(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2: the tree of ``old`` leaves is the beginning of that of ``new``."""
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new or not path:
        return False
    if old & (old - 1) == 0:
        path = [old_root, *path]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = _joined(step, before), _joined(step, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = _joined(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def parse_proof(proof: str) -> tuple[bytes, int, list[bytes], str]:
    """Extra data, index, hashes and checkpoint of a proof (C2SP tlog-proof)."""
    top, _, checkpoint = proof.partition("\n\n")
    lines = top.split("\n")
    number = lines[2].removeprefix("index ") if len(lines) > 2 else ""
    if lines[0] != PROOF or not lines[1].startswith("extra ") or not re.fullmatch(r"0|[1-9][0-9]{0,18}", number):
        raise Wrong("a proof does not begin as a tlog-proof with extra data and an index does")
    if not lines[2].startswith("index ") or any(len(line) != 44 for line in lines[3:]):
        raise Wrong("a proof is not written as a tlog-proof")
    return from_base64(lines[1][6:]), int(number), [from_base64(line) for line in lines[3:]], checkpoint


def canonical(value: Any) -> bytes:
    """The one form an evidence file has: sorted keys, one space of indent a level, UTF-8, a newline at the end."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()


def digest_of(statement: Any) -> str:
    """What the ledger keeps of a statement: salted by the random number in it, so that nobody can guess it."""
    body = json.dumps(statement, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(FORMAT.encode() + b"\n" + body).hexdigest()


def decision_digest(salt: str, told: Any) -> str:
    """What the ledger keeps of the rules' decision about a document; ``salt`` is random, so that it is not guessed."""
    return decision_digest_of(
        salt, json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    )


def decision_digest_of(salt: str, body: bytes) -> str:
    """The same of a decision that is written down already: JSON with sorted keys and without spaces."""
    return hashlib.sha256(b"postroom-decision/1\n" + salt.encode() + b"\n" + body).hexdigest()


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def read_evidence(data: bytes) -> dict[str, Any]:
    """The file as values. Raises Wrong when it is anything but its canonical form."""
    try:
        found = json.loads(data.decode(), parse_constant=_constant)
        same = canonical(found) == data
    except (ValueError, RecursionError) as error:
        raise Wrong(f"the file is not JSON in UTF-8: {error}") from error
    wanted = {"format", "statement", "entries", "checkpoint", "log_key", "witness_keys"}
    if not same:
        raise Wrong("the file is not written in its canonical form: somebody edited it")
    if not isinstance(found, dict) or set(found) != wanted or found["format"] != FORMAT:
        raise Wrong(f"the file is not evidence of the format {FORMAT}")
    return found


def check_head(found: dict[str, Any], key: str, witnesses: list[str], report: Report) -> Head:
    """The checkpoint and everybody who signed it."""
    head = parse_head(found["checkpoint"])
    log = parse_key(found["log_key"], ED25519)
    if key and key.strip() != log.text:
        raise Wrong(f"the log's key is {log.text}, and not the one you trust")
    if not key:
        report.notes.append("The log's key is the one the file names. Compare it with one you got another way.")
    if log.name != head.origin:
        raise Wrong(f"the key of {log.name} signs for {head.origin}")
    if signed(head, log) is None:
        raise Wrong("the checkpoint is not signed by the log's key")
    known = {(log.name, log.id)}
    seen = []
    for text in found["witness_keys"]:
        witness = parse_key(text, COSIGNATURE)
        when = signed(head, witness)
        if when is None or (witness.name, witness.id) in known:
            raise Wrong(f"the witness {witness.name} has not signed, or is named twice")
        known.add((witness.name, witness.id))
        moment = dt.datetime.fromtimestamp(when, dt.UTC).isoformat()
        seen.append({"name": witness.name, "key": text, "at": moment})
    if len(known) != len(head.lines):
        raise Wrong("the checkpoint has a signature line of somebody unknown")
    for text in witnesses:
        if text.strip() not in found["witness_keys"]:
            raise Wrong(f"the witness {text} has not signed the checkpoint")
    report.told["checkpoint"] = {"origin": head.origin, "size": head.size, "root": head.root.hex()}
    report.told["log_key"], report.told["witnesses"] = log.text, seen
    return head


def check_entries(found: dict[str, Any], head: Head, report: Report) -> list[tuple[int, list[Any]]]:
    """Each entry with its index, once its proof holds."""
    entries: list[tuple[int, list[Any]]] = []
    latest: dt.datetime | None = None
    for item in found["entries"]:
        if set(item) != {"entry", "proof"}:
            raise Wrong("an entry has something beside its text and its proof")
        text = item["entry"].encode()
        extra, index, path, checkpoint = parse_proof(item["proof"])
        if checkpoint != found["checkpoint"]:
            raise Wrong(f"the proof of entry {index + 1} is against another checkpoint")
        leaf = hashlib.sha256(b"\x00" + text).digest()
        if extra != text or not included(leaf, index, head.size, path, head.root):
            raise Wrong(f"entry {index + 1} is not in the signed ledger as it stands here")
        entry = json.loads(text)
        if entry[0] != 1 or entry[1] != index + 1:
            raise Wrong(f"entry {index + 1} says that it is entry {entry[1]}")
        if entries and index <= entries[-1][0]:
            raise Wrong(f"entry {index + 1} stands behind entry {entries[-1][0] + 1}")
        at = dt.datetime.fromisoformat(entry[2])
        if latest is not None and at < latest - _SLACK:
            report.notes.append(f"The clock went back: entry {index + 1} is dated {entry[2]}, before the one above it.")
        latest = max(at, latest or at)
        entries.append((index, entry))
    return entries


def check_statement(found: dict[str, Any], entries: list[tuple[int, list[Any]]], report: Report) -> None:
    """The statement is sealed by the last entry, and tells what the entries tell."""
    statement = found["statement"]
    document, template = statement["document"], statement["template"]
    if statement["entries"] != [index for index, _ in entries[:-1]]:
        raise Wrong("entries are missing, or are not those the statement names")
    seal = entries[-1][1] if entries else None
    if seal is None or seal[3:] != [
        statement["exported_by"],
        SEAL,
        "document",
        document["id"],
        {"entries": len(entries) - 1, "statement_sha256": digest_of(statement)},
    ]:
        raise Wrong("the statement is not the one whose digest the ledger holds")
    own = [entry[7] for _, entry in entries[:-1] if entry[6] == document["id"]]
    made = [facts for facts in own if facts.get("sha256") == document["sha256"]]
    if not made:
        raise Wrong("no entry of the ledger holds the document's SHA-256")
    if document["data_sha256"] and not any(f.get("data_sha256") == document["data_sha256"] for f in made):
        raise Wrong("no entry of the ledger holds the SHA-256 of the document's data")
    if template is not None:
        wanted = ("template.published", template["id"])
        said = [entry[7] for _, entry in entries if (entry[4], entry[6]) == wanted]
        if not any((f.get("digest"), f.get("no")) == (template["digest"], template["no"]) for f in said):
            raise Wrong("no entry of the ledger holds the digest of the template version")
        if not any(f.get("template_version") == template["id"] for f in made):
            raise Wrong("the ledger says that the document was made by another template version")
    check_decision(statement, made, report)
    for delivery in statement["deliveries"]:
        body = json.dumps(delivery["explanation"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256(body.encode()).hexdigest() != delivery["explanation_sha256"]:
            raise Wrong(f"the explanation of delivery {delivery['id']} does not fit its digest")
    report.told["statement"] = statement
    report.told["entries"] = [
        {"no": index + 1, "at": entry[2], "actor": entry[3], "act": entry[4], "kind": entry[5], "object": entry[6]}
        for index, entry in entries
    ]


def check_decision(statement: dict[str, Any], made: list[dict[str, Any]], report: Report) -> None:
    """The rules decided what the entry of the document's making says they did, and its deliveries tell the same."""
    decision = statement.get("decision")
    digests = {facts["decision_sha256"] for facts in made if "decision_sha256" in facts}
    if decision is None:
        if digests:
            report.notes.append("What the rules decided was left out, as whoever exported this may not see it.")
        return
    if set(decision) != {"salt", "told"} or decision_digest(decision["salt"], decision["told"]) not in digests:
        raise Wrong("what the rules decided is not what the ledger holds the digest of")
    chosen = {delivery for facts in made for delivery in facts.get("deliveries", ())}
    for delivery in statement["deliveries"]:
        if delivery["id"] in chosen and delivery["explanation"] != decision["told"]:
            raise Wrong(f"delivery {delivery['id']} tells another decision of the rules than the ledger")


def check(data: bytes, document: bytes | None = None, key: str = "", witnesses: list[str] | None = None) -> Report:
    """Everything this program checks. ``document``: its bytes; ``key`` and ``witnesses``: verifier keys you trust."""
    report = Report()
    try:
        found = read_evidence(data)
        head = check_head(found, key, witnesses or [], report)
        check_statement(found, check_entries(found, head, report), report)
        if document is None:
            report.notes.append("The document itself was not given, so it was not compared.")
        elif hashlib.sha256(document).hexdigest() != found["statement"]["document"]["sha256"]:
            raise Wrong("the document is not the one the evidence is about: its SHA-256 is another one")
    except Wrong as error:
        report.faults.append(str(error))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError, RecursionError) as error:
        report.faults.append(f"the file is not made as evidence is: {error!r}")
    return report


def in_words(report: Report, compared: bool) -> str:
    """The report for people."""
    if not report.verified:
        return "".join(f"NOT VERIFIED: {fault}.\n" for fault in report.faults) + "Do not rely on this file.\n"
    statement, head = report.told["statement"], report.told["checkpoint"]
    document, template = statement["document"], statement["template"]
    lines = [
        "VERIFIED: every byte of this evidence holds.",
        "",
        f"Document   {document['kind']} {document['number']}, version {document['version']}, {document['size']} bytes",
        f"SHA-256    {document['sha256']}" + ("  (the document given has it)" if compared else ""),
    ]
    if document["data_sha256"]:
        lines.append(f"Made from  data with SHA-256 {document['data_sha256']}")
    if template is not None:
        lines.append(f"Made by    template {template['key']}, version {template['no']}, digest {template['digest']}")
    if statement.get("decision"):
        told = statement["decision"]["told"]
        rules = "; ".join(str(rule) for rule in told.get("rules") or ()) or str(told.get("why"))
        lines.append(f"Decided    by table {told.get('table')}: {rules}")
    lines += [
        f"Sent       by {one['channel']} to {one['destination']}: {one['state']} ({one['truth']}),"
        f" {len(one['attempts'])} attempts, {len(one['receipts'])} receipts"
        for one in statement["deliveries"]
    ]
    lines += ["", f"Ledger     {head['origin']}, {head['size']} entries, root {head['root']}"]
    lines += [f"Witness    {one['name']} saw this ledger at {one['at']}" for one in report.told["witnesses"]]
    lines += [f"{one['no']:>10}  {one['at']}  {one['act']}  by {one['actor']}" for one in report.told["entries"]]
    lines += ["", f"Log key    {report.told['log_key']}", *(f"Note       {note}" for note in report.notes)]
    return "\n".join(lines) + "\n"


def write_proofs(data: bytes, folder: Path) -> int:
    """Each entry and its proof as files of their own, for other people's verifiers."""
    folder.mkdir(parents=True, exist_ok=True)
    items = read_evidence(data)["entries"]
    for item in items:
        index = parse_proof(item["proof"])[1]
        (folder / f"{index}.entry").write_bytes(item["entry"].encode())
        (folder / f"{index}.tlog-proof").write_bytes(item["proof"].encode())
    return len(items)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check an evidence file of Postroom, offline.")
    parser.add_argument("evidence", type=Path)
    parser.add_argument("document", type=Path, nargs="?", help="the document itself, to be compared")
    parser.add_argument("--key", default="", help="the log's verifier key, got another way")
    parser.add_argument("--witness", action="append", default=[], help="a witness that must have cosigned")
    parser.add_argument("--proofs", type=Path, help="write each entry and its .tlog-proof into this folder")
    parser.add_argument("--json", action="store_true", help="one JSON value in place of words")
    asked = parser.parse_args(arguments)
    try:
        data = asked.evidence.read_bytes()
        document = asked.document.read_bytes() if asked.document else None
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 2
    report = check(data, document, asked.key, asked.witness)
    if asked.json:
        told = {"verified": report.verified, "faults": report.faults, "notes": report.notes, **report.told}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(in_words(report, document is not None))
    if report.verified and asked.proofs:
        write_proofs(data, asked.proofs)
    return 0 if report.verified else 1


if __name__ == "__main__":
    sys.exit(main())
