"""Re-hashing everything: each damaged blob is named, and what no row names is counted."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from postroom.vault import frames, pieces, places
from postroom.vault.errors import BlobDamaged, SegmentElsewhere
from postroom.vault.models import DESTROYED, Blob, Segment
from postroom.vault.read import read_blob


@dataclass(frozen=True, slots=True)
class Verdict:
    """``damaged`` are blob ids with the reason, ``owners`` what they belong to, as far as somebody told how to ask.

    Harmless, left by a crash: ``orphans`` are whole frames no row names, ``tails`` bytes behind the last whole frame.
    """

    segments: int
    blobs: int
    size: int
    damaged: tuple[tuple[uuid.UUID, str], ...]
    missing_segments: tuple[str, ...]
    orphans: int
    tails: int
    owners: dict[uuid.UUID, list[str]]
    #: Segments that only another host has, which does not hand them over, with that host and their blobs.
    elsewhere: tuple[tuple[str, str, tuple[uuid.UUID, ...]], ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all that could be read is sound: what is ``elsewhere`` proves nothing, neither way."""
        return not self.damaged and not self.missing_segments


def verify(
    progress: Callable[[int, int], None] | None = None, owners: Callable[[uuid.UUID], list[str]] | None = None
) -> Verdict:
    """Read and re-hash every blob, and walk every segment. ``owners`` names what a blob belongs to: the vault does
    not know documents. Raises StoreUnavailable when a store does not answer: that proves nothing about its bytes.
    """
    seen, missing = _Seen(), []
    elsewhere: list[tuple[str, str, tuple[uuid.UUID, ...]]] = []
    names = list(Segment.objects.exclude(name=DESTROYED).order_by("name").values_list("name", flat=True))
    for position, name in enumerate(names):
        try:
            if not _walk(name, seen):
                missing.append(name)
        except SegmentElsewhere as error:
            there = Blob.objects.filter(segment_id=name, destroyed_at=None).values_list("pk", flat=True)
            elsewhere.append((name, str(error.context["home"]), tuple(there)))
        if progress:
            progress(position + 1, len(names))
    concerned = [blob_id for blob_id, _ in seen.damaged] + [blob_id for one in elsewhere for blob_id in one[2]]
    told = {blob_id: owners(blob_id) for blob_id in concerned} if owners else {}
    return Verdict(
        len(names), seen.blobs, seen.size, tuple(seen.damaged), tuple(missing), seen.orphans, seen.tails, told,
        tuple(elsewhere),
    )  # fmt: skip


@dataclass(slots=True)
class _Seen:
    """What was found so far."""

    damaged: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    blobs: int = 0
    size: int = 0
    orphans: int = 0
    tails: int = 0


def _walk(name: str, seen: _Seen) -> bool:
    """One segment; False when it is missing although blobs are in it. Raises SegmentElsewhere."""
    known: set[uuid.UUID] = set()
    faults = _header_fault(name)
    for blob in Blob.objects.filter(segment_id=name, destroyed_at=None).order_by("offset").iterator(2000):
        known.add(blob.pk)
        seen.blobs += 1
        seen.size += blob.size
        try:
            read_blob(blob)
            reason = faults or _frame_fault(blob)
        except BlobDamaged as error:
            reason = error.message
        if reason:
            seen.damaged.append((blob.pk, reason))
    try:
        end = places.size(name)
    except FileNotFoundError:
        end = pieces.reach(name)
        if not end:
            return not known
    whole = len(frames.SEGMENT_HEADER)
    for frame in frames.scan(lambda offset, length: places.read(name, offset, length), end):
        seen.orphans += frame.id not in known
        whole = frame.offset + frames.FRAME_SIZE + frame.stored_size
    seen.tails += max(0, end - whole)
    return True


def _header_fault(name: str) -> str:
    """What is wrong with the first bytes of a segment; a missing segment is told elsewhere."""
    try:
        if places.read(name, 0, len(frames.SEGMENT_HEADER)) == frames.SEGMENT_HEADER:
            return ""
    except (OSError, EOFError):
        return ""
    return f"The header of segment {name} was changed."


def _frame_fault(blob: Blob) -> str:
    """Whether the frame around sound bytes still says whose they are: without the database it is all there is."""
    wanted = frames.header(blob.pk, bytes(blob.sha256), blob.codec, blob.stored_size)
    if places.read(blob.segment_id, blob.offset, frames.FRAME_SIZE) == wanted:
        return ""
    return f"The frame of blob {blob.pk} in segment {blob.segment_id} was changed; its content is sound."
