"""Appending: the last thing a transaction does, since the chain is held from here to its commit."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from postroom.kernel import clock
from postroom.kernel.home import home
from postroom.kernel.rows import copy_rows
from postroom.ledger.canonical import block_hash, entry_bytes, leaf_hash
from postroom.ledger.models import Block, Entry
from postroom.ledger.nodes import CHAIN_LOCK, grow

GENESIS = bytes(32)
#: Two statements in one message: the second one's snapshot is taken when the lock is held, and nobody waits twice.
_TAKE_TURN = (
    f"SELECT pg_advisory_xact_lock({CHAIN_LOCK}); SELECT no, last_seq, hash FROM ledger_block ORDER BY no DESC LIMIT 1"  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Act:
    """A fact to be appended. ``facts`` hold ids, enumerations, counts and digests: never personal data (P6)."""

    act: str
    kind: str
    object_id: uuid.UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


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
    rows: list[tuple[Any, ...]] = []
    leaves = bytearray()
    for position, act in enumerate(acts):
        entry = entry_bytes(seq + position, at, actor, act.act, act.kind, act.object_id, act.facts)
        leaf = leaf_hash(entry)
        leaves += leaf
        facts = json.dumps(act.facts, ensure_ascii=False)
        rows.append((seq + position, no, at, actor, act.act, act.kind, act.object_id, facts, leaf))
    digest = block_hash(previous, no, at, bytes(leaves))
    columns = ("seq", "block_no", "at", "actor", "act", "kind", "object_id", "facts", "leaf")
    copy_rows(Entry, columns, rows)
    copy_rows(
        Block,
        ("no", "first_seq", "last_seq", "previous", "hash", "at"),
        [(no, seq, seq + len(acts) - 1, previous, digest, at)],
    )
    with connection.cursor() as cursor:
        grow(cursor, seq - 1, bytes(leaves))
    # robust: the facts are committed; a full disk under the anchor must not look like a failed transaction
    transaction.on_commit(lambda: note_outside(f"{no} {digest.hex()}"), robust=True)
    return int(seq)


def note_outside(line: str) -> None:
    """Note a head outside the database, so that a cut-off tail is noticed. One short line, appended atomically."""
    path = home().ledger_heads
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(fd, f"{line}\n".encode())
    finally:
        os.close(fd)
