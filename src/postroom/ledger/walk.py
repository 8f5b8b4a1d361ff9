"""Building the tree again beside the walk through the chain: kept nodes and signed heads are held against it."""

from __future__ import annotations

from collections.abc import Iterator

from postroom.ledger.models import Node, SignedHead
from postroom.ledger.postroom_verify import COSIGNATURE, ED25519, Wrong, parse_head, parse_key, signed
from postroom.ledger.tree import HEIGHT, Growing


class TreeWalk:
    """Told each leaf in order; adds a sentence to ``faults`` for whatever does not fit."""

    def __init__(self, outside: list[tuple[int, bytes]], faults: list[str], tree: Growing | None = None) -> None:
        """From the first leaf, or from where ``tree`` stands."""
        self.tree = tree or Growing()
        self._start = self.tree.size
        self.heads = 0
        self._faults = faults
        self._nodes: dict[int, Iterator[Node]] = {}
        self._ended: set[int] = set()
        self._signed = (
            SignedHead.objects.prefetch_related("cosignatures")
            .filter(size__gt=self._start)
            .order_by("size")
            .iterator(500)
        )
        self._next = next(self._signed, None)
        self._outside = sorted({head for head in outside if head[0] > self._start}, reverse=True)

    def push(self, leaf: bytes) -> None:
        for level, place, digest in self.tree.push(leaf):
            self._node(level, place, digest)
        while self._next is not None and self._next.size <= self.tree.size:
            self._head(self._next)
            self._next = next(self._signed, None)
        while self._outside and self._outside[-1][0] <= self.tree.size:
            size, root = self._outside.pop()
            if size == self.tree.size and root != self.tree.root:
                self._faults.append(f"history has forked: another ledger of {size} entries is noted as signed")

    def end(self) -> None:
        """No leaf is left: nor may a node or a signed head be."""
        for level in range(1, 8):
            node = next(self._kept(level), None) if level not in self._ended else None
            if node is not None:
                self._faults.append(f"node {node.place} of level {level} of the tree stands over entries that are gone")
        cut = [size for size, _ in self._outside]
        while self._next is not None:
            cut.append(self._next.size)
            self._next = next(self._signed, None)
        if cut:
            gone = f"entries {self.tree.size + 1} to {max(cut)} were cut off"
            self._faults.append(f"{gone}: a signed head has them, and they are gone")

    def _kept(self, level: int) -> Iterator[Node]:
        if level not in self._nodes:
            first = self._start >> (HEIGHT * level)
            rows = Node.objects.filter(level=level, place__gte=first)
            self._nodes[level] = rows.order_by("place").iterator(1000)
        return self._nodes[level]

    def _node(self, level: int, place: int, digest: bytes) -> None:
        if level in self._ended:  # the last ones may be missing: an older version appended, the next append keeps them
            return
        node = next(self._kept(level), None)
        if node is None:
            self._ended.add(level)
        elif node.place != place:
            self._faults.append(f"node {place} of level {level} of the tree is missing")
            self._ended.add(level)
        elif bytes(node.hash) != digest:
            self._faults.append(f"node {place} of level {level} of the tree was changed")

    def _head(self, row: SignedHead) -> None:
        self.heads += 1
        what = f"the signed head of {row.size} entries"
        try:
            head = parse_head(row.note)
            if head.size != row.size or signed(head, parse_key(row.key, ED25519)) is None:
                raise Wrong("it is not signed by its key")
            if head.root != bytes(row.root) or head.root != self.tree.root:
                self._faults.append(f"{what} has another root than those entries: history has forked")
            for each in row.cosignatures.all():
                if signed(parse_head(f"{head.text}\n{each.line}\n"), parse_key(each.key, COSIGNATURE)) is None:
                    raise Wrong("a cosignature is not by its witness")
        except Wrong as error:
            self._faults.append(f"{what} does not hold: {error}")
