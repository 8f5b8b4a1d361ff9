"""Exchanging the key-encryption key (KEK): wrapped keys are wrapped again, segments stay as they are.

It may be stopped at any moment and goes on when it is called again. Both keys are needed until it has ended; only
then is the old one taken out of the key file.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from postroom.kernel import clock
from postroom.kernel.home import home
from postroom.kernel.locks import FileLock
from postroom.vault import keyfile, keys
from postroom.vault.crypto import new_kek
from postroom.vault.errors import VaultKeyUnusable, VaultKeyWrong
from postroom.vault.models import KeyEncryptionKey, WrappedKey

BATCH = 1000
_OLD = (
    "SELECT blob_id, kek_id, wrapped FROM vault_key WHERE blob_id > %s AND kek_id <> %s"
    " ORDER BY blob_id LIMIT %s FOR UPDATE"
)
_NEW = (
    "UPDATE vault_key k SET kek_id = %s, wrapped = n.wrapped"
    " FROM unnest(%s::uuid[], %s::bytea[]) AS n(blob_id, wrapped) WHERE k.blob_id = n.blob_id"
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """``kek`` is in force now; ``retired`` are no longer needed; ``in_file`` says that we took them out ourselves."""

    kek: str
    rewrapped: int
    retired: tuple[str, ...]
    in_file: bool


def rotate(progress: Callable[[int, int], None] | None = None) -> Rotation:
    """Begin a rotation, or go on with the one that was begun, to its end. Raises the errors of ``keys.ready``."""
    with FileLock(home().prepare().locks / "vault.rotate").holding(timeout=1):
        keys.ready()
        kek_id = _begin()
        total = WrappedKey.objects.exclude(kek_id=kek_id).count()
        done, last = 0, uuid.UUID(int=0)
        while rewrapped := _rewrap(kek_id, last):
            done, last = done + len(rewrapped), rewrapped[-1]
            if progress:
                progress(done, max(done, total))
        return _finish(kek_id, done)


def _begin() -> str:
    """The id of the KEK everything is to be wrapped by: the first of the ring, a new one if that is in force."""
    ring = keyfile.ring()
    rows = {row.pk: row for row in KeyEncryptionKey.objects.all()}
    first = ring.keks[0]
    under_way = any(not row.current and row.retired_at is None for row in rows.values())
    known = rows.get(first.id)
    if known is not None and known.current:
        if under_way:
            return first.id
        ring = keyfile.put([new_kek(), *ring.keks])  # on the disk before a row names it
        first, known = ring.keks[0], None
    if known is not None:
        raise VaultKeyWrong(
            f"The first key of {ring.where} ({first.id}) was in force before and is none to go back to.",
            hint="Put a new key (`postroom vault new-key`) before all others.",
            kek=first.id,
        )
    with transaction.atomic():
        # Waits for every transaction that is writing keys wrapped by the old one; none can begin after it.
        KeyEncryptionKey.objects.filter(current=True).update(current=False)
        KeyEncryptionKey.objects.create(id=first.id, check_value=first.check, created_at=clock.now(), current=True)
    return first.id


def _rewrap(kek_id: str, after: uuid.UUID) -> list[uuid.UUID]:
    """One batch in the order of the ids, one transaction. Which blobs there were."""
    ring = keyfile.ring()
    fresh = ring.get(kek_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OLD, (after, kek_id, BATCH))
        rows = cursor.fetchall()
        wrapped = [fresh.wrap(row[0], ring.get(row[1]).unwrap(row[0], bytes(row[2]))) for row in rows]
        cursor.execute(_NEW, (kek_id, [row[0] for row in rows], wrapped))
    return [row[0] for row in rows]


def _finish(kek_id: str, done: int) -> Rotation:
    """Nothing is wrapped by the old ones: note it, and only then let go of them."""
    old = KeyEncryptionKey.objects.exclude(pk=kek_id).filter(retired_at=None)
    retired = tuple(old.values_list("pk", flat=True))
    old.update(retired_at=clock.now())
    ring = keyfile.ring()
    in_file = ring.path is not None and len(ring.keks) > 1
    if in_file:
        gone = set(KeyEncryptionKey.objects.exclude(retired_at=None).values_list("pk", flat=True))
        try:
            keyfile.put([kek for kek in ring.keks if kek.id not in gone])
        except VaultKeyUnusable:  # a file that is not ours to write: the caller tells it
            in_file = False
    return Rotation(kek_id, done, retired, in_file)
