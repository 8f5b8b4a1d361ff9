"""Re-hashing everything: each damaged blob is named, and what no row names is counted."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from postroom.vault import frames
from postroom.vault.errors import BlobDamaged
from postroom.vault.models import Blob, Segment
from postroom.vault.read import read_blob
from postroom.vault.write import store


@dataclass(frozen=True, slots=True)
class Verdict:
    """``damaged`` are blob ids with the reason; ``orphans`` frames no row names (harmless, left by a crash)."""

    segments: int
    blobs: int
    size: int
    damaged: tuple[tuple[uuid.UUID, str], ...]
    missing_segments: tuple[str, ...]
    orphans: int

    @property
    def whole(self) -> bool:
        return not self.damaged and not self.missing_segments


def verify(progress: Callable[[int, int], None] | None = None) -> Verdict:
    """Read and re-hash every blob, and walk every segment."""
    damaged: list[tuple[uuid.UUID, str]] = []
    missing: list[str] = []
    blobs = size = orphans = 0
    keeper = store()
    names = list(Segment.objects.order_by("name").values_list("name", flat=True))
    for position, name in enumerate(names):
        known: set[uuid.UUID] = set()
        for blob in Blob.objects.filter(segment_id=name, destroyed_at=None).order_by("offset").iterator(2000):
            known.add(blob.pk)
            blobs += 1
            size += blob.size
            try:
                read_blob(blob)
            except BlobDamaged as error:
                damaged.append((blob.pk, error.message))
        try:
            end = keeper.size(name)
        except FileNotFoundError:
            if known:
                missing.append(name)
            continue
        for frame in frames.scan(lambda offset, length, name=name: keeper.read(name, offset, length), end):  # type: ignore[misc]
            orphans += frame.id not in known
        if progress:
            progress(position + 1, len(names))
    return Verdict(len(names), blobs, size, tuple(damaged), tuple(missing), orphans)
