"""The Merkle tree over the leaves: RFC 9162, section 2.1, as pure functions over hashes.

A leaf is ``SHA-256(0x00 || entry)``, a node ``SHA-256(0x01 || left || right)``; a tree of n leaves splits at the
largest power of two below n. Complete subtrees of 256 leaves, of 256 of those, and so on, are kept as rows (``nodes``);
everything between is computed from at most 256 hashes when somebody asks for a proof. So an append costs one row for
256 entries, and a proof reads a few hundred hashes however long the ledger is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

#: Hashes below one kept node: 2**8, the tile height of other transparency logs.
HEIGHT = 8
WIDTH = 1 << HEIGHT
#: RFC 9162, section 2.1.1: the hash of an empty list.
EMPTY = hashlib.sha256(b"").digest()

Fetch = Callable[[int, int, int], list[bytes]]
"""``fetch(level, start, stop)``: kept hashes of a level (0: leaves, 1: of 256 leaves, 2: of 65536 ..), all of them."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, section 2.1.1: the hash of two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over ``hashes``, which are leaves or complete subtrees of one height."""
    row = list(hashes)
    if not row:
        return EMPTY
    while len(row) > 1:
        joined = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = joined + ([row[-1]] if len(row) % 2 else [])
    return row[0]


def split(count: int) -> int:
    """The largest power of two below ``count`` (which is at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)


class Growing:
    """A root kept up to date leaf by leaf, in memory of the logarithm of its size. For whoever walks the ledger."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Empty, or with what it was at ``size``: a peak for each set bit of it, the highest first."""
        heights = [height for height in reversed(range(size.bit_length())) if size >> height & 1]
        self.size = size
        self._peaks: list[tuple[int, bytes]] = list(zip(heights, peaks, strict=True))

    @property
    def peaks(self) -> list[bytes]:
        """The roots of its complete subtrees, the largest first: with ``size``, all that is needed to go on."""
        return [digest for _, digest in self._peaks]

    def push(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Take one more leaf. The kept nodes it completes, as (level, place, hash)."""
        level, digest = 0, leaf
        done = []
        while self._peaks and self._peaks[-1][0] == level:
            digest = node_hash(self._peaks.pop()[1], digest)
            level += 1
            if level % HEIGHT == 0:
                done.append((level // HEIGHT, self.size >> level, digest))
        self._peaks.append((level, digest))
        self.size += 1
        return done

    @property
    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY
        digest = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            digest = node_hash(peak, digest)
        return digest


class Tree:
    """The first ``size`` leaves of a ledger: its root, and what proves something about it."""

    def __init__(self, size: int, fetch: Fetch) -> None:
        self.size = size
        self._fetch = fetch
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    @property
    def root(self) -> bytes:
        """The Merkle tree hash of all leaves."""
        return self._range(0, self.size) if self.size else EMPTY

    def root_at(self, size: int) -> bytes:
        """The root the ledger had when it had ``size`` leaves."""
        self._within(size)
        return self._range(0, size) if size else EMPTY

    def inclusion(self, index: int) -> list[bytes]:
        """RFC 9162, section 2.1.3.1: the hashes from the leaf's sibling up to the root's child."""
        self._within(index + 1)
        return self._path(index, 0, self.size)

    def consistency(self, old: int) -> list[bytes]:
        """RFC 9162, section 2.1.4.1: that the first ``old`` leaves are the beginning of this tree."""
        self._within(old)
        return self._sub(old, 0, self.size, True) if 0 < old < self.size else []

    def _within(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ValueError(f"a tree of {self.size} leaves has no beginning of {size}")

    def _path(self, index: int, low: int, high: int) -> list[bytes]:
        if high - low == 1:
            return []
        middle = low + split(high - low)
        if index < middle:
            return [*self._path(index, low, middle), self._range(middle, high)]
        return [*self._path(index, middle, high), self._range(low, middle)]

    def _sub(self, old: int, low: int, high: int, whole: bool) -> list[bytes]:
        if old == high:
            return [] if whole else [self._range(low, high)]
        middle = low + split(high - low)
        if old <= middle:
            return [*self._sub(old, low, middle, whole), self._range(middle, high)]
        return [*self._sub(old, middle, high, False), self._range(low, middle)]

    def _range(self, low: int, high: int) -> bytes:
        count = high - low
        if count & (count - 1) == 0:  # a complete subtree: the recursion leaves no others of such a size
            return self._complete(count.bit_length() - 1, low)
        middle = low + split(count)
        return node_hash(self._range(low, middle), self._range(middle, high))

    def _complete(self, height: int, low: int) -> bytes:
        level, rest = divmod(height, HEIGHT)
        first = low >> (level * HEIGHT)
        tile, offset = divmod(first, WIDTH)
        return root_of(self._tile(level, tile)[offset : offset + (1 << rest)])

    def _tile(self, level: int, tile: int) -> list[bytes]:
        found = self._tiles.get((level, tile))
        if found is None:
            start = tile * WIDTH
            stop = min(start + WIDTH, self.size >> (level * HEIGHT))
            found = self._tiles[level, tile] = self._fetch(level, start, stop)
        return found
