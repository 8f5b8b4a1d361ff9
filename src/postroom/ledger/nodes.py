"""The kept nodes of the tree: written with the block that completes them, read for proofs."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from postroom.kernel.rows import copy_rows
from postroom.ledger.errors import LedgerDamaged
from postroom.ledger.models import Node
from postroom.ledger.tree import HEIGHT, WIDTH, Tree, root_of

#: Advisory lock that makes commits join the chain one after the other.
CHAIN_LOCK = 0x6C656467
#: Nodes of 256 leaves that one transaction of ``fill`` writes.
_BATCH = 256


def grow(cursor: Any, last: int, leaves: bytes) -> None:
    """Keep the nodes that the new ``leaves`` complete, ``last`` entries being there before. The chain is held.

    Nothing is read or written unless a node of 256 leaves becomes complete. What an older version left out is made up.
    """
    total = last + len(leaves) // 32
    if total // WIDTH == last // WIDTH:
        return
    _keep(cursor, total, last, leaves, None)


def fill(most: int = _BATCH) -> int:
    """Write up to ``most`` nodes of 256 leaves that are missing, in one transaction. How many: 0 when none is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
        cursor.execute("SELECT last_seq FROM ledger_block ORDER BY no DESC LIMIT 1")
        row = cursor.fetchone()
        return _keep(cursor, row[0], row[0], b"", most) if row else 0


def _keep(cursor: Any, total: int, last: int, leaves: bytes, most: int | None) -> int:
    """Level by level: which nodes are complete and not kept, from the hashes below. How many of the lowest level."""
    rows: list[tuple[int, int, bytes]] = []
    wrote, below, fresh, first = 0, total, leaves, last
    for level in range(1, 8):
        cursor.execute("SELECT coalesce(max(place) + 1, 0) FROM ledger_node WHERE level = %s", (level,))
        kept, complete = int(cursor.fetchone()[0]), below // WIDTH
        if most is not None and level == 1:
            complete = min(complete, kept + most)
        if complete <= kept:
            break
        start = kept * WIDTH
        hashes = _read(cursor, level - 1, start, min(first, complete * WIDTH)) if start < first else []
        offset = max(start - first, 0) * 32
        new = fresh[offset : offset + (complete * WIDTH - start - len(hashes)) * 32]
        hashes += [new[at : at + 32] for at in range(0, len(new), 32)]
        made = [root_of(hashes[at : at + WIDTH]) for at in range(0, len(hashes), WIDTH)]
        rows += [(level, kept + at, digest) for at, digest in enumerate(made)]
        wrote = wrote or len(made)
        below, fresh, first = complete, b"".join(made), kept
    copy_rows(Node, ("level", "place", "hash"), rows)
    return wrote


def _read(cursor: Any, level: int, start: int, stop: int) -> list[bytes]:
    if level == 0:
        statement = "SELECT seq - 1, leaf FROM ledger_entry WHERE seq > %s AND seq <= %s ORDER BY seq"
        cursor.execute(statement, (start, stop))
    else:
        statement = "SELECT place, hash FROM ledger_node WHERE level = %s AND place >= %s AND place < %s ORDER BY place"
        cursor.execute(statement, (level, start, stop))
    found: list[bytes] = []
    for place, digest in cursor:
        if place != start + len(found):
            break
        found.append(bytes(digest))
    if len(found) != stop - start:
        what = f"entry {start + len(found) + 1}" if level == 0 else f"node {start + len(found)} of level {level}"
        raise LedgerDamaged(
            f"The ledger has no {what}.",
            hint="Run `postroom ledger verify`, then restore a backup that is whole.",
            level=level,
            place=start + len(found),
        )
    return found


def tree(size: int | None = None) -> Tree:
    """The first ``size`` leaves, by default all that are committed. Raises LedgerDamaged when hashes are missing."""
    total = committed()
    if size is not None and size > total:
        raise LedgerDamaged(
            f"The ledger has {total} entries, and {size} were asked for.",
            hint="Run `postroom ledger verify`: its newest entries may have been cut off.",
        )
    return Tree(total if size is None else size, _fetch)


def committed() -> int:
    """How many entries the ledger has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_seq FROM ledger_block ORDER BY no DESC LIMIT 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _fetch(level: int, start: int, stop: int) -> list[bytes]:
    with connection.cursor() as cursor:
        if level == 0:
            return _read(cursor, 0, start, stop)
        cursor.execute("SELECT coalesce(max(place) + 1, 0) FROM ledger_node WHERE level = %s", (level,))
        kept = int(cursor.fetchone()[0])
        found = _read(cursor, level, start, min(stop, kept)) if start < kept else []
    # an older version may have appended without keeping nodes: those are computed until the next append keeps them
    for place in range(start + len(found), stop):
        found.append(root_of(_fetch(level - 1, place << HEIGHT, (place + 1) << HEIGHT)))
    return found
