"""Appending: the last thing a transaction does, since the chain is held from here to its commit."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction

from postroom.kernel import clock
from postroom.kernel.home import home
from postroom.kernel.json_text import writer
from postroom.kernel.packed import NULL, copy_packed, fixed, ident, json, moment, octets, row, text
from postroom.ledger.canonical import block_hash, timestamp
from postroom.ledger.models import Entry
from postroom.ledger.nodes import CHAIN_LOCK, grow

GENESIS = bytes(32)
_COLUMNS = ("seq", "block_no", "at", "actor", "act", "kind", "object_id", "facts", "leaf")
_ROW, _PLACE = row(len(_COLUMNS)), fixed("q", "q")
_text = writer(sort_keys=True, allow_nan=True)
#: Two statements in one message: the second one's snapshot is taken when the lock is held, and nobody waits twice.
_TAKE_TURN = (
    f"SELECT pg_advisory_xact_lock({CHAIN_LOCK}); SELECT no, last_seq, hash FROM ledger_block ORDER BY no DESC LIMIT 1"  # noqa: S608
)

_BLOCK = "INSERT INTO ledger_block (no, first_seq, last_seq, previous, hash, at) VALUES (%s, %s, %s, %s, %s, %s)"


class Act(NamedTuple):
    """A fact to be appended. ``facts`` hold ids, enumerations, counts and digests: never personal data (P6)."""

    act: str
    kind: str
    object_id: uuid.UUID | None = None
    facts: Mapping[str, Any] = {}


def append(actor: str, acts: Sequence[Act] | Iterable[Act]) -> int:
    """Append ``acts`` as one block. Must be called inside a transaction, as its last step.

    The number of the first entry; 0 when there was nothing to append.
    """
    acts = list(acts)
    if not acts:
        return 0
    if not connection.in_atomic_block:
        raise RuntimeError("the ledger is appended to inside the transaction whose facts it tells")
    at = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN)
        cursor.nextset()
        last = cursor.fetchone()
    no, seq, previous = (last[0] + 1, last[1] + 1, bytes(last[2])) if last else (1, 1, GENESIS)
    rows, leaves = _entries(actor, acts, no, seq, at)
    digest = block_hash(previous, no, at, leaves)
    copy_packed(Entry, _COLUMNS, rows)
    with connection.cursor() as cursor:
        cursor.execute(_BLOCK, (no, seq, seq + len(acts) - 1, previous, digest, at))
        grow(cursor, seq - 1, leaves)
    # robust: the facts are committed; a full disk under the anchor must not look like a failed transaction
    transaction.on_commit(lambda: note_outside(f"{no} {digest.hex()}"), robust=True)
    return int(seq)


def _entries(actor: str, acts: Sequence[Act], no: int, seq: int, at: dt.datetime) -> tuple[list[bytes], bytes]:
    """Rows and leaf hashes of a block. What all entries share is written once.

    The bytes hashed are those of ``canonical.entry_bytes``, the definition (a test holds one against the other): a
    list joined by commas, with the facts as they are kept.
    """
    stamp, own, when = f'"{timestamp(at)}"', _text(actor), moment(at)
    who = text(actor)
    rows, leaves = [], []
    told: dict[tuple[str, str], tuple[bytes, bytes]] = {}
    for act, kind, object_id, of_it in acts:
        if (act, kind) not in told:
            hashed = f"{stamp},{own},{_text(act)},{_text(kind)}".encode()
            told[act, kind] = hashed, when + who + text(act) + text(kind)
        hashed, kept = told[act, kind]
        facts = _text(of_it).encode()
        shown, subject = (b'"%b"' % str(object_id).encode(), ident(object_id)) if object_id else (b"null", NULL)
        leaf = hashlib.sha256(b"\0[1,%d,%b,%b,%b]" % (seq, hashed, shown, facts)).digest()
        leaves.append(leaf)
        rows.append(b"".join((_ROW, _PLACE.pack(8, seq, 8, no), kept, subject, json(facts), octets(leaf))))
        seq += 1
    return rows, b"".join(leaves)


def note_outside(line: str) -> None:
    """Note a head outside the database, so that a cut-off tail is noticed. One short line, appended atomically."""
    path = home().ledger_heads
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(fd, f"{line}\n".encode())
    finally:
        os.close(fd)
