"""Reading: never without holding the bytes against their name."""

from __future__ import annotations

import hashlib
import uuid

from django.db import connection

from postroom.vault import frames
from postroom.vault.errors import BlobDamaged, BlobMissing
from postroom.vault.models import Blob
from postroom.vault.write import store

#: By hand: every send reads a blob, and the ORM's query took longer than the reading.
_COLUMNS = ("id", "sha256", "segment_id", "offset", "stored_size", "codec", "destroyed_at")
_BLOB = 'SELECT id, sha256, segment_id, "offset", stored_size, codec, destroyed_at FROM vault_blob WHERE id = %s'


def read(blob_id: uuid.UUID) -> bytes:
    """The content of a blob. Raises BlobMissing or BlobDamaged."""
    with connection.cursor() as cursor:
        cursor.execute(_BLOB, (blob_id,))
        row = cursor.fetchone()
    if row is None:
        raise BlobMissing(f"There is no blob {blob_id}.", hint="Run `postroom vault verify`.")
    return read_blob(Blob.from_db(connection.alias, _COLUMNS, row))


def read_blob(blob: Blob) -> bytes:
    """The content of ``blob``, checked. Raises BlobMissing (destroyed) or BlobDamaged."""
    if blob.destroyed_at is not None:
        raise BlobMissing(
            f"Blob {blob.pk} was destroyed on {blob.destroyed_at:%d %b %Y}.", hint="It cannot be restored."
        )
    try:
        stored = store().read(blob.segment_id, blob.offset + frames.FRAME_SIZE, blob.stored_size)
        content = frames.unpack(stored, blob.codec)
    except (OSError, EOFError, ValueError) as error:
        raise _damaged(blob, str(error)) from error
    if hashlib.sha256(content).digest() != bytes(blob.sha256):
        raise _damaged(blob, "its SHA-256 is another one")
    return content


def _damaged(blob: Blob, why: str) -> BlobDamaged:
    return BlobDamaged(
        f"Blob {blob.pk} in segment {blob.segment_id} cannot be read: {why}.",
        hint="Run `postroom vault verify` to see what else is damaged, then restore the segment from a backup.",
        blob=str(blob.pk),
        segment=blob.segment_id,
    )
