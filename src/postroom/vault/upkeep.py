"""What is done beside the work: segments of writers that are gone are sealed, sealed ones go to the
store, and those with much dead space are rewritten, one at a time.

Each step may be cut at any point. A segment's row says ``local`` until the object in the store was read back and is
the same; the local file is removed only after that. An object that is there already is compared, never overwritten.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from postroom.kernel import clock, failpoints
from postroom.kernel.backup import keep_segments
from postroom.kernel.home import home
from postroom.kernel.locks import FileLock
from postroom.vault import pieces, places
from postroom.vault.compact import compact
from postroom.vault.errors import StoreConflict
from postroom.vault.models import Segment
from postroom.vault.spec import RemoteStore
from postroom.vault.write import store

log = logging.getLogger("postroom.vault")

_BLOCK = 8 << 20


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Segments of one round."""

    sealed: int = 0
    uploaded: int = 0
    dropped: int = 0
    compacted: int = 0


def upkeep(*, rewriting: bool = True) -> Upkeep:
    """One round; only one process of a home does it at a time, the others pass. Raises the errors of the store:
    what was not done is done by the next round. Without ``rewriting`` only what a home owes the others."""
    lock = FileLock(home().prepare().locks / "vault.upkeep")
    if not lock.acquire(blocking=False):
        return Upkeep()
    try:
        sealed = seal_abandoned()
        compacted = compact(at_most=1 if rewriting else 0).segments
        there = places.remote()
        if there is None:
            return Upkeep(sealed, compacted=compacted)
        done = Upkeep(sealed, upload(there), trim(), compacted)
        pieces.drop_needless(there)
        return done
    finally:
        lock.release()


def seal_abandoned() -> int:
    """Seal what nobody writes to any more: its writer closed it, or died. How many."""
    count = 0
    for name in list(Segment.objects.filter(sealed_at=None).values_list("name", flat=True)):
        if store().abandoned(name):
            count += Segment.objects.filter(name=name, sealed_at=None).update(sealed_at=clock.now())
    return count


def upload(there: RemoteStore) -> int:
    """Put sealed segments of this disk into the store. How many."""
    count = 0
    waiting = Segment.objects.filter(store="local").exclude(sealed_at=None).order_by("name")
    for name in list(waiting.values_list("name", flat=True)):
        path = home().vault / name
        if not path.exists():
            continue  # another host's
        size, digest = path.stat().st_size, _local_digest(path)
        try:
            there.put(name, path)
        except FileExistsError:
            log.info("segment %s is in the store already; it is compared", name)
        failpoints.reach("after-put")
        if there.size(name) != size or _remote_digest(there, name, size) != digest:
            raise StoreConflict(
                f"{there.url} holds other bytes under {name} than this disk.",
                hint="The local segment was kept and nothing was overwritten. Use a bucket or prefix of its own for "
                "each installation; move the foreign object away.",
                segment=name,
            )
        Segment.objects.filter(name=name, store="local").update(store=there.name, size=size, sha256=digest)
        count += 1
    return count


def trim() -> int:
    """Remove the least recently used local copies of stored segments above the size of the cache. How many.

    A backup copies what is here, so it must not lose a file under its hands: while one runs, nothing is removed.
    """
    lock = keep_segments(home())
    if not lock.acquire(blocking=False):
        return 0
    try:
        stored = Segment.objects.exclude(store="local").values_list("name", flat=True)
        copies = [(path.stat(), path) for name in stored if (path := home().vault / name).exists()]
        copies.sort(key=lambda copy: copy[0].st_mtime)
        excess = sum(found.st_size for found, _ in copies) - settings.CONFIG.cache_bytes
        count = 0
        for found, path in copies:
            if excess <= 0:
                break
            path.unlink()
            excess -= found.st_size
            count += 1
        return count
    finally:
        lock.release()


def _local_digest(path: Path) -> bytes:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").digest()


def _remote_digest(there: RemoteStore, name: str, size: int) -> bytes:
    digest = hashlib.sha256()
    for start in range(0, size, _BLOCK):
        digest.update(there.read(name, start, min(_BLOCK, size - start)))
    return digest.digest()
