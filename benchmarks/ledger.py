"""What the Merkle tree costs the ledger: chunks of 200 acts and single acts, in turns with and without keeping nodes.

The acts are those of composed documents. Then what a head costs, a proof of one entry, and a walk through everything.
"""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.figures import Figure
from benchmarks.house import house, say

CHUNK, CHUNKS, SINGLES, TURNS = 200, 40, 150, 6
#: Per act; generous, since every chunk of a run does far more than this.
_FACTS = {
    "sha256": "0" * 64,
    "data_sha256": "1" * 64,
    "template_version": str(uuid.UUID(int=1)),
    "deliveries": ["x" * 36],
}


def run() -> Iterator[Figure]:
    """Appends with the tree, beside the same without it."""
    with house():
        from postroom.ledger import append as appending
        from postroom.ledger import checkpoint
        from postroom.ledger.nodes import committed, fill, grow, tree
        from postroom.ledger.verify import verify

        bare: list[tuple[float, float]] = []
        ours: list[tuple[float, float]] = []
        for turn in range(TURNS + 1):
            say(f"turn {turn} of {TURNS}")
            for keep, found in ((_nothing, bare), (grow, ours)):
                while fill():
                    pass
                setattr(appending, "grow", keep)  # noqa: B010 - so that mypy does not mind
                found.append((_each(CHUNK, CHUNKS), _each(1, SINGLES)))
        del bare[0], ours[0]
        setattr(appending, "grow", grow)  # noqa: B010
        without, with_tree = (statistics.median(each[0] for each in found) for found in (bare, ours))
        yield Figure("ledger.chunk", with_tree * 1e6, f"us a chunk of {CHUNK}", baseline=without * 1e6)
        ratio = statistics.median(one[0] / other[0] for one, other in zip(ours, bare, strict=True))
        yield Figure("ledger.chunk.ratio", ratio, "with the tree / without", "<=1.5", gate=True)
        yield Figure("ledger.entries", CHUNK / with_tree, "entries/s in chunks", ">=10000", baseline=CHUNK / without)
        single, alone = (statistics.median(each[1] for each in found) for found in (ours, bare))
        yield Figure("ledger.single", 1 / single, "commits of one act/s", baseline=1 / alone)
        size = committed()
        began = time.perf_counter()
        checkpoint.make()
        yield Figure("ledger.head", (time.perf_counter() - began) * 1000, f"ms to sign {size} entries")
        began = time.perf_counter()
        for index in range(0, size, size // 50):
            tree(size).inclusion(index)
        yield Figure("ledger.proof", (time.perf_counter() - began) / 51 * 1000, "ms a proof")
        began = time.perf_counter()
        assert verify().whole
        yield Figure("ledger.verify", size / (time.perf_counter() - began), "entries/s verified")


def _nothing(cursor: Any, last: int, leaves: bytes) -> None:
    """In place of keeping nodes."""


def _each(acts: int, times: int) -> float:
    """Seconds of one commit."""
    from django.db import transaction

    from postroom.ledger.append import Act, append

    made = [Act("document.composed", "document", uuid.uuid4(), _FACTS) for _ in range(acts)]

    def once(run: Callable[[], object]) -> float:
        began = time.perf_counter()
        with transaction.atomic():
            run()
        return time.perf_counter() - began

    return statistics.mean(once(lambda: append("system:bench", made)) for _ in range(times))
