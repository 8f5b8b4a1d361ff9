"""What the vault costs the writer: packing, sealing, wrapping and the sync, for the three blobs of a document.

Papers are of the usual sizes: a PDF of 25 KB that hardly shrinks, 1.7 KB of data, 0.6 KB of words.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator

from benchmarks.figures import Figure
from benchmarks.house import house, say

CHUNK, TURNS = 200, 5


def run() -> Iterator[Figure]:
    """CPU per document with and without encryption, and the whole of a batch with its rows."""
    with house():
        import zstandard
        from django.db import transaction

        from postroom.vault import crypto, frames, keys
        from postroom.vault.write import Batch

        compressor = zstandard.ZstdCompressor(level=frames.LEVEL)
        papers = [_paper() for _ in range(CHUNK)]
        keys.ready()
        kek = crypto.new_kek()

        def plain() -> None:
            for paper in papers:
                for content in paper:
                    frames.pack(uuid.uuid4(), content, compressor)

        def sealed() -> None:
            for paper in papers:
                for content in paper:
                    blob, key = uuid.uuid4(), os.urandom(crypto.KEY_BYTES)
                    frames.pack(blob, content, compressor, key)
                    kek.wrap(blob, key)

        def batch() -> None:
            made = Batch()
            for paper in papers:
                for content in paper:
                    made.add(content)
            made.sync()
            with transaction.atomic():
                made.record()

        say(f"{TURNS} turns of {CHUNK} documents, three blobs each")
        without, with_it, whole = _best(plain), _best(sealed), _best(batch)
        yield Figure("vault-pack", without, "us/doc")
        yield Figure("vault-pack-sealed", with_it, "us/doc", baseline=without)
        yield Figure("vault-encryption", with_it - without, "us/doc", "<=100")
        yield Figure("vault-batch-with-rows", whole, "us/doc", "<=400")


def _paper() -> tuple[bytes, bytes, bytes]:
    return os.urandom(20_000) + bytes(5000), os.urandom(500) * 3 + bytes(200), b"Dear customer, " * 40


def _best(work: Callable[[], None]) -> float:
    """CPU microseconds of this process for one document, in the quietest of the turns."""
    work()
    best = float("inf")
    for _ in range(TURNS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best / CHUNK * 1e6
