"""Walking the ledger, all of it or a stretch after the other: any changed, missing or added byte of chain, tree and
signed heads is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from postroom.kernel.home import home
from postroom.ledger.canonical import block_hash, entry_bytes, leaf_hash
from postroom.ledger.checkpoint import noted_heads
from postroom.ledger.models import Block, Entry
from postroom.ledger.place import BEGINNING, Place
from postroom.ledger.tree import EMPTY
from postroom.ledger.walk import TreeWalk

#: Clocks of several hosts differ, and a block's moment is taken before its turn comes: less is not worth a note.
_CLOCK_SLACK = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found. ``faults`` are sentences; the ledger is whole when there are none.

    ``notes`` are worth knowing and no fault: clocks that went back. ``root`` is that of the Merkle tree, hex. After a
    stretch that is not the last one, ``onward`` is where the next one starts; what was cut off the end is seen by the
    last one.
    """

    blocks: int
    entries: int
    head: str
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()
    root: str = EMPTY.hex()
    heads: int = 0
    onward: Place | None = None

    @property
    def whole(self) -> bool:
        return not self.faults


def verify(
    progress: Callable[[int, int], None] | None = None,
    most: int = 100,
    *,
    start: Place = BEGINNING,
    limit: int | None = None,
) -> Verdict:
    """Recompute every leaf, block, node and root from the rows, and hold them against each other and the anchors.

    From ``start`` on; with ``limit``, until the end of the block in which so many entries have been walked.
    """
    faults: list[str] = []
    notes: list[str] = []
    anchors, outside = _anchors(
        start.block, limit
    )  # before the snapshot: whatever is noted here is in it, also while others append
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        total = Block.objects.count() if progress else 0
        blocks, entries, head = 0, 0, start.head
        expected_no, expected_seq = start.block + 1, start.entry + 1
        stream = _entries(start.entry)
        pending = next(stream, None)
        walk = TreeWalk(outside, faults, start.tree())
        latest = start.latest
        for block in Block.objects.filter(no__gt=start.block).order_by("no").iterator(2000):
            if limit is not None and max(entries, blocks) >= limit:
                place = Place(expected_no - 1, expected_seq - 1, head, latest, walk.tree.size, tuple(walk.tree.peaks))
                root = walk.tree.root.hex()
                return Verdict(blocks, entries, head.hex(), tuple(faults), tuple(notes), root, walk.heads, place)
            blocks += 1
            if block.no != expected_no:
                faults.append(f"blocks {expected_no} to {block.no - 1} are missing")
            if block.first_seq != expected_seq:
                faults.append(f"block {block.no} starts at entry {block.first_seq} in place of {expected_seq}")
            if bytes(block.previous) != head:
                faults.append(f"block {block.no} does not continue the block before it")
            leaves = bytearray()
            while pending is not None and pending.seq <= block.last_seq:
                entries += 1
                leaf = _leaf(pending)
                if bytes(pending.leaf) != leaf or pending.block_no != block.no:
                    faults.append(f"entry {pending.seq} was changed")
                leaves += leaf
                walk.push(leaf)
                pending = next(stream, None)
            if len(leaves) // 32 != block.last_seq - block.first_seq + 1:
                faults.append(f"block {block.no} has {len(leaves) // 32} entries, sealed with another number")
            head = bytes(block.hash)
            if block_hash(bytes(block.previous), block.no, block.at, bytes(leaves)) != head:
                faults.append(f"block {block.no} was changed")
            if anchors.pop(block.no, head) != head:
                faults.append(f"block {block.no} is not the one noted in {home().ledger_heads.name} when it was made")
            expected_no, expected_seq = block.no + 1, block.last_seq + 1
            if latest is not None and block.at < latest - _CLOCK_SLACK and len(notes) < most:
                back = int((latest - block.at).total_seconds())
                notes.append(f"the clock went back: block {block.no} is dated {back} s before one that came earlier")
            latest = max(block.at, latest or block.at)
            if progress and blocks % 200 == 0:
                progress(blocks, total)
            if len(faults) >= most:
                faults.append("and more; the walk stopped here")
                return Verdict(blocks, entries, head.hex(), tuple(faults), tuple(notes))
        if pending is not None:
            faults.append(f"entry {pending.seq} belongs to no block")
        if anchors:
            faults.append(f"blocks {min(anchors)} to {max(anchors)} were cut off: they are noted as made, and gone")
        walk.end()
    return Verdict(blocks, entries, head.hex(), tuple(faults), tuple(notes), walk.tree.root.hex(), walk.heads)


def _entries(after: int) -> Iterator[Entry]:
    return Entry.objects.filter(seq__gt=after).order_by("seq").iterator(2000)


def _leaf(entry: Entry) -> bytes:
    return leaf_hash(entry_bytes(entry.seq, entry.at, entry.actor, entry.act, entry.kind, entry.object_id, entry.facts))


def _anchors(after: int, limit: int | None) -> tuple[dict[int, bytes], list[tuple[int, bytes]]]:
    """Heads of the chain and signed heads of the tree, noted outside the database.

    A torn last line (crash while writing) is passed over. Of a stretch only its own are kept, and the last of all,
    which shows what was cut off: a stretch has at most as many blocks as entries.
    """
    found: dict[int, bytes] = {}
    heads: list[str] = []
    last = (0, b"")
    try:
        with home().ledger_heads.open(encoding="ascii") as lines:
            for line in lines:
                number, _, digest = line.rstrip("\n").partition(" ")
                if not (number.isdigit() and len(digest) == 64):
                    heads.append(line.rstrip("\n"))
                elif limit is None or after < int(number) <= after + limit:
                    found[int(number)] = bytes.fromhex(digest)
                elif int(number) > last[0]:
                    last = int(number), bytes.fromhex(digest)
    except FileNotFoundError:
        return found, []
    if last[0] > after:
        found[last[0]] = last[1]
    return found, noted_heads(heads)
