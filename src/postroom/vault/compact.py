"""Compaction: what is alive in a segment is written again, the rest (destroyed blobs, orphans) goes with the old file.

A crash at any point is harmless. Before the one transaction that switches the rows, the old segment is complete and
the copy is an orphan; after it, the old one is what nobody names, and the next round removes it. A chunk whose bytes
are in the old segment and whose rows are not committed yet is safe too: its rows refer to the segment's row, which is
locked and then gone, so it fails as a whole and is done again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from postroom.kernel import clock, failpoints
from postroom.kernel.backup import keep_segments
from postroom.kernel.home import home
from postroom.kernel.ids import new_id
from postroom.vault import frames, places
from postroom.vault.models import DESTROYED, Blob, Segment
from postroom.vault.read import read_blob
from postroom.vault.write import store

#: A segment sealed so long ago that no chunk with bytes in it is still under way.
SETTLED = dt.timedelta(hours=1)
#: The share of dead bytes from which rewriting is worth it by itself.
WORTH = 0.2
_LIVE = 'SELECT id, "offset" FROM vault_blob WHERE segment_id = %s AND destroyed_at IS NULL'
_MOVE = (
    'UPDATE vault_blob b SET segment_id = %s, "offset" = n.place'
    " FROM unnest(%s::uuid[], %s::bigint[]) AS n(id, place) WHERE b.id = n.id"
)
_BURY = 'UPDATE vault_blob SET segment_id = %s, "offset" = 0, stored_size = 0 WHERE segment_id = %s'


@dataclass(frozen=True, slots=True)
class Compacted:
    """Segments rewritten or removed, bytes that were freed, and leftovers of a crash that were cleared away."""

    segments: int = 0
    freed: int = 0
    leftovers: int = 0


def compact(worth: float = WORTH, settled: dt.timedelta = SETTLED, at_most: int | None = None) -> Compacted:
    """Rewrite segments in which at least the share ``worth`` is dead. Raises BlobDamaged when one holds a damaged
    blob: it is left as it is, as evidence. Nothing is done while a backup runs."""
    lock = keep_segments(home().prepare())
    if not lock.acquire(blocking=False):
        return Compacted()
    try:
        leftovers = _clear_leftovers(settled)
        segments = freed = 0
        if at_most == 0:
            return Compacted(leftovers=leftovers)
        for name in _candidates(worth, settled):
            if segments == at_most:
                break
            freed += _rewrite(name)
            segments += 1
        return Compacted(segments, freed, leftovers)
    finally:
        lock.release()


def _candidates(worth: float, settled: dt.timedelta) -> Iterator[str]:
    sealed = Segment.objects.filter(sealed_at__lte=clock.now() - settled).exclude(name=DESTROYED)
    for name in list(sealed.order_by("name").values_list("name", flat=True)):
        with contextlib.suppress(FileNotFoundError):  # lost: verify tells
            size = places.size(name) - len(frames.SEGMENT_HEADER)
            alive = Blob.objects.filter(segment_id=name, destroyed_at=None).values_list("stored_size", flat=True)
            dead = size - sum(stored + frames.FRAME_SIZE for stored in alive)
            if dead > 0 and dead >= worth * size:
                yield name


def _rewrite(name: str) -> int:
    """One segment. How many bytes were freed."""
    before = places.size(name)
    fresh, moved = _copy(name)
    failpoints.reach("after-copy")
    with transaction.atomic(), connection.cursor() as cursor:
        Segment.objects.select_for_update().get(name=name)  # whoever is about to add rows waits, and then fails
        cursor.execute(_LIVE, (name,))
        now_alive = dict(cursor.fetchall())
        if not set(now_alive) <= set(moved):
            return 0  # rows came after we had copied; the copy is an orphan, and the next round begins anew
        if fresh:
            cursor.execute(_MOVE, (fresh, list(now_alive), [moved[blob] for blob in now_alive]))
            Segment.objects.filter(name=fresh).update(sealed_at=clock.now())
        Segment.objects.get_or_create(
            name=DESTROYED, defaults={"store": "none", "created_at": clock.now(), "sealed_at": clock.now()}
        )
        cursor.execute(_BURY, (DESTROYED, name))
        Segment.objects.filter(name=name).delete()
    failpoints.reach("after-switch")
    _remove(name)
    return before - (places.size(fresh) if fresh else 0)


def _copy(name: str) -> tuple[str, dict[uuid.UUID, int]]:
    """A new, durable segment with everything alive in it ('' when nothing is), and where each blob is there."""
    alive = list(Blob.objects.filter(segment_id=name, destroyed_at=None).order_by("offset"))
    if not alive:
        return "", {}
    fresh = f"{new_id().hex}.seg"
    target = store().create(fresh)
    try:
        target.append(frames.SEGMENT_HEADER)
        Segment.objects.create(name=fresh, created_at=clock.now())
        moved = {}
        for blob in alive:
            read_blob(blob)  # never carry damage over: the old segment stays as it is
            frame = frames.header(blob.pk, bytes(blob.sha256), blob.codec, blob.stored_size)
            moved[blob.pk] = target.append(frame + places.read(name, blob.offset + frames.FRAME_SIZE, blob.stored_size))
        target.sync()
    finally:
        target.close()
    return fresh, moved


def _remove(name: str) -> None:
    """The bytes of a segment no row names, wherever they are."""
    store().remove(name)
    there = places.remote()
    if there is not None:
        there.delete(name)
    places.forget(name)


def _clear_leftovers(settled: dt.timedelta) -> int:
    """Segments on this disk that have no row although they are old and nobody writes to them: a switch was cut."""
    known = set(Segment.objects.values_list("name", flat=True))
    count = 0
    for name in store().names():
        if name in known or not store().abandoned(name):
            continue
        if time.time() - store().modified(name) >= settled.total_seconds():
            _remove(name)
            count += 1
    return count
