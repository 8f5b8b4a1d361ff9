"""The kept nodes of the tree: written with the block that completes them, read for proofs."""

from __future__ import annotations

import logging
from typing import Any

from django.db import connection, transaction

from postroom.ledger.errors import LedgerDamaged
from postroom.ledger.tree import HEIGHT, WIDTH, Tree, root_of

log = logging.getLogger(__name__)

#: Advisory lock that makes commits join the chain one after the other.
CHAIN_LOCK = 0x6C656467
#: Nodes of 256 leaves that one transaction of ``fill`` writes.
_BATCH = 256
#: So many an append makes up for at most: whoever commits beside it waits for that.
_MADE_UP = 16


#: Leaves above the last kept node, in one answer: a chunk's commit waits for it.
_LOOSE = """
SELECT n.kept, count(e.seq), coalesce(max(e.seq), n.kept * 256), string_agg(e.leaf, ''::bytea ORDER BY e.seq)
FROM (SELECT coalesce(max(place) + 1, 0) AS kept FROM ledger_node WHERE level = 1) n
LEFT JOIN ledger_entry e ON e.seq > n.kept * 256 AND e.seq <= least(%s, (n.kept + %s) * 256)
GROUP BY n.kept
"""


def grow(cursor: Any, last: int, leaves: bytes) -> None:
    """Keep the nodes that the new ``leaves`` complete, ``last`` entries being there before. The chain is held.

    Nothing is read or written unless a node of 256 leaves becomes complete. What an older version left out is made up
    step by step. Entries that are gone stop no commit: signing and verifying name them.
    """
    if (last + len(leaves) // 32) // WIDTH > last // WIDTH:
        try:
            _keep(cursor, last, leaves, _MADE_UP)
        except LedgerDamaged as error:
            log.error("%s %s", error.message, error.hint)


def fill(most: int = _BATCH) -> int:
    """Write up to ``most`` nodes of 256 leaves that are missing, in one transaction. How many: 0 when none is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
        cursor.execute("SELECT last_seq FROM ledger_block ORDER BY no DESC LIMIT 1")
        row = cursor.fetchone()
        return _keep(cursor, int(row[0]), b"", most) if row else 0


def _keep(cursor: Any, last: int, leaves: bytes, most: int) -> int:
    """Write the nodes that ``last`` entries and the new ``leaves`` complete. How many of the lowest level."""
    cursor.execute(_LOOSE, (last, most))
    kept, count, highest, loose = cursor.fetchone()
    end = min(last, (kept + most) * WIDTH)
    if count != end - kept * WIDTH or highest != end:
        raise _hole(f"{count} of the entries {kept * WIDTH + 1} to {end}", 0, kept * WIDTH)
    hashes = bytes(loose or b"") + (leaves if end == last else b"")
    rows: list[tuple[int, int, bytes]] = []
    wrote = 0
    for level in range(1, 8):
        found = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
        made = [root_of(found[at : at + WIDTH]) for at in range(0, len(found) // WIDTH * WIDTH, WIDTH)]
        rows += [(level, kept + at, digest) for at, digest in enumerate(made)]
        wrote = wrote or len(made)
        # a level above has a node for each full group of those below, from the same transaction: never fewer
        above = kept // WIDTH
        if (kept + len(made)) // WIDTH == above:
            break
        hashes = b"".join([*_read(cursor, level, above * WIDTH, kept), *made])
        kept = above
    if rows:
        values = ", ".join(["(%s, %s, %s)"] * len(rows))
        cursor.execute(
            f"INSERT INTO ledger_node (level, place, hash) VALUES {values}",  # noqa: S608
            [each for row in rows for each in row],
        )
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
        raise _hole(f"no {what}", level, start + len(found))
    return found


def _hole(what: str, level: int, place: int) -> LedgerDamaged:
    return LedgerDamaged(
        f"The ledger has {what}.",
        hint="Run `postroom ledger verify`, then restore a backup that is whole.",
        level=level,
        place=place,
    )


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
