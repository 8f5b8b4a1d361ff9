"""Reading: never without holding the bytes against their name."""

from __future__ import annotations

import hashlib
import uuid

import zstandard
from django.db import connection

from postroom.vault import crypto, frames, keyfile, keys, places
from postroom.vault.errors import BlobDamaged, BlobKeyMissing, BlobMissing
from postroom.vault.models import Blob

#: By hand: every send reads a blob, and the ORM's query took longer than the reading.
_COLUMNS = ("id", "sha256", "segment_id", "offset", "stored_size", "codec", "destroyed_at")
_BLOB = (
    'SELECT b.id, b.sha256, b.segment_id, b."offset", b.stored_size, b.codec, b.destroyed_at, k.kek_id, k.wrapped'
    " FROM vault_blob b LEFT JOIN vault_key k ON k.blob_id = b.id WHERE b.id = %s"
)
Wrapped = tuple[str, bytes] | None


def read(blob_id: uuid.UUID) -> bytes:
    """The content of a blob. Raises BlobMissing or BlobDamaged."""
    with connection.cursor() as cursor:
        cursor.execute(_BLOB, (blob_id,))
        row = cursor.fetchone()
    if row is None:
        raise BlobMissing(f"There is no blob {blob_id}.", hint="Run `postroom vault verify`.")
    wrapped = None if row[-1] is None else (row[-2], bytes(row[-1]))
    return _content(Blob.from_db(connection.alias, _COLUMNS, row[:-2]), wrapped)


def read_blob(blob: Blob) -> bytes:
    """The content of ``blob``, checked. Raises BlobMissing (destroyed), BlobDamaged or VaultKeyMissing."""
    sealed = blob.codec & frames.ENCRYPTED and blob.destroyed_at is None
    return _content(blob, keys.wrapped_key(blob.pk) if sealed else None)


def _content(blob: Blob, wrapped: Wrapped) -> bytes:
    if blob.destroyed_at is not None:
        raise BlobMissing(
            f"Blob {blob.pk} was destroyed on {blob.destroyed_at:%d %b %Y}.", hint="It cannot be restored."
        )
    try:
        stored = places.read(blob.segment_id, blob.offset + frames.FRAME_SIZE, blob.stored_size)
        if blob.codec & frames.ENCRYPTED:
            stored = _open(blob, stored, wrapped)
        content = frames.unpack(stored, blob.codec & ~frames.ENCRYPTED, _dictionary)
    except FileNotFoundError as error:
        place = Blob.objects.filter(pk=blob.pk).first()
        if place is not None and place.segment_id != blob.segment_id:
            return _content(place, wrapped)  # its segment was compacted since the row was read
        raise _damaged(blob, str(error)) from error
    except (OSError, EOFError, ValueError) as error:
        raise _damaged(blob, str(error)) from error
    if hashlib.sha256(content).digest() != bytes(blob.sha256):
        raise _damaged(blob, "its SHA-256 is another one")
    return content


def _dictionary(number: int) -> zstandard.ZstdCompressionDict:
    from postroom.vault.dictionary import dictionary  # a dictionary is a blob, read by this module

    return dictionary(number)


def _open(blob: Blob, sealed: bytes, wrapped: Wrapped) -> bytes:
    """The stored bytes without their seal. Raises BlobKeyMissing, SealBroken, VaultKeyMissing."""
    if wrapped is None:
        raise BlobKeyMissing(
            f"Blob {blob.pk} cannot be read: its key is not here.",
            hint="This installation was restored without the keys of the backup: restore again with its .keys file.",
            blob=str(blob.pk),
        )
    kek_id, key = wrapped
    data_key = keyfile.ring().get(kek_id).unwrap(blob.pk, key)
    return crypto.unseal(data_key, sealed, frames.header(blob.pk, bytes(blob.sha256), blob.codec, blob.stored_size))


def _damaged(blob: Blob, why: str) -> BlobDamaged:
    places.forget(blob.segment_id)  # the next try asks the store again
    return BlobDamaged(
        f"Blob {blob.pk} in segment {blob.segment_id} cannot be read: {why}.",
        hint="Run `postroom vault verify` to see what else is damaged, then restore the segment from a backup.",
        blob=str(blob.pk),
        segment=blob.segment_id,
    )
