"""Walking the whole chain: any changed, missing or added byte of the ledger is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from postroom.kernel.home import home
from postroom.ledger.append import GENESIS
from postroom.ledger.canonical import block_hash, entry_bytes, leaf_hash
from postroom.ledger.models import Block, Entry


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found. ``faults`` are sentences; the ledger is whole when there are none."""

    blocks: int
    entries: int
    head: str
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.faults


def verify(progress: Callable[[int, int], None] | None = None, most: int = 100) -> Verdict:
    """Recompute every leaf and block from the rows, and hold them against each other and the anchors."""
    faults: list[str] = []
    anchors = _anchors()  # before the snapshot: whatever is noted here is in it, also while others append
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        total = Block.objects.count()
        blocks, entries, head = 0, 0, GENESIS
        expected_no, expected_seq = 1, 1
        stream = _entries()
        pending = next(stream, None)
        for block in Block.objects.order_by("no").iterator(2000):
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
                pending = next(stream, None)
            if len(leaves) // 32 != block.last_seq - block.first_seq + 1:
                faults.append(f"block {block.no} has {len(leaves) // 32} entries, sealed with another number")
            head = bytes(block.hash)
            if block_hash(bytes(block.previous), block.no, block.at, bytes(leaves)) != head:
                faults.append(f"block {block.no} was changed")
            if anchors.pop(block.no, head) != head:
                faults.append(f"block {block.no} is not the one noted in {home().ledger_heads.name} when it was made")
            expected_no, expected_seq = block.no + 1, block.last_seq + 1
            if progress and blocks % 200 == 0:
                progress(blocks, total)
            if len(faults) >= most:
                faults.append("and more; the walk stopped here")
                return Verdict(blocks, entries, head.hex(), tuple(faults))
        if pending is not None:
            faults.append(f"entry {pending.seq} belongs to no block")
        if anchors:
            faults.append(f"blocks {min(anchors)} to {max(anchors)} were cut off: they are noted as made, and gone")
    return Verdict(blocks, entries, head.hex(), tuple(faults))


def _entries() -> Iterator[Entry]:
    return Entry.objects.order_by("seq").iterator(5000)


def _leaf(entry: Entry) -> bytes:
    return leaf_hash(entry_bytes(entry.seq, entry.at, entry.actor, entry.act, entry.kind, entry.object_id, entry.facts))


def _anchors() -> dict[int, bytes]:
    """Heads noted outside the database. A torn last line (crash while writing) is passed over."""
    found: dict[int, bytes] = {}
    try:
        lines = home().ledger_heads.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        number, _, digest = line.partition(" ")
        if number.isdigit() and len(digest) == 64:
            found[int(number)] = bytes.fromhex(digest)
    return found
