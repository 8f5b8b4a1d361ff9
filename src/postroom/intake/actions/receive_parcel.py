"""Custody first (P1): the bytes are in the vault, synced and committed, before anybody looks into them."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.intake.models import Parcel, ParcelPart
from postroom.intake.spec import UnreadableFile
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.vault.write import Batch, StoredBlob

PART_BYTES = 4 << 20


def receive_parcel(actor: Actor, content: BinaryIO, *, name: str, media_type: str = "") -> Parcel:
    """Take ``content`` into custody, in parts, with flat memory. Raises UnreadableFile (empty), DiskFull."""
    whole = hashlib.sha256()
    size = 0
    batch = Batch()
    parts: list[StoredBlob] = []
    while piece := content.read(PART_BYTES):
        whole.update(piece)
        size += len(piece)
        parts.append(batch.add(piece))
    if not size:
        raise UnreadableFile(f"{name} is empty.", hint="Check the export that made it; nothing was started.")
    batch.sync()
    with transaction.atomic():
        batch.record()
        parcel = Parcel.objects.create(
            id=new_id(),
            name=name[:300],
            media_type=media_type,
            size=size,
            sha256=whole.digest(),
            received_by=actor.name,
            received_at=clock.now(),
        )
        ParcelPart.objects.bulk_create(
            ParcelPart(parcel=parcel, no=no, blob_id=part.id) for no, part in enumerate(parts)
        )
        append(
            actor.name,
            [Act("parcel.received", "parcel", parcel.pk, {"size": size, "sha256": whole.hexdigest()})],
        )
    return parcel


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file, read as a stream."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").digest()


def parcel_by_digest(digest: bytes) -> uuid.UUID | None:
    """A parcel with exactly these bytes, if there is one."""
    return Parcel.objects.filter(sha256=digest).values_list("pk", flat=True).first()
