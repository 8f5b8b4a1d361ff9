"""The wrapped keys and which key-encryption key (KEK) is in force. The rows are the truth; the file only has the keys.

A KEK is in force for everybody at one moment, because whoever writes wrapped keys holds its row shared until the
commit, and who changes it waits for them. So after a change nothing can be wrapped by the old one any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection

from postroom.kernel import clock
from postroom.kernel.home import home
from postroom.kernel.locks import FileLock
from postroom.kernel.packed import copy_packed, ident, octets, row, text
from postroom.vault import keyfile
from postroom.vault.crypto import Kek
from postroom.vault.errors import VaultKeyMissing, VaultKeyWrong
from postroom.vault.models import KeyEncryptionKey, WrappedKey

_CURRENT = "SELECT id FROM vault_kek WHERE current FOR SHARE"
_WRAPPED = "SELECT kek_id, wrapped FROM vault_key WHERE blob_id = %s"
#: The keys that were found right; looked at again when they change.
_ready: keyfile.Ring | None = None


def ready() -> keyfile.Ring:
    """The keys, held against the database; the first start makes one. Cheap once it was right.

    Raises VaultKeyMissing, VaultKeyWrong or VaultKeyUnusable; nothing is overwritten.
    """
    global _ready
    ring = keyfile.ring()
    if ring is _ready:
        return ring
    if not KeyEncryptionKey.objects.exists():
        with FileLock(home().prepare().locks / "vault.keys").holding(timeout=60):
            if not KeyEncryptionKey.objects.exists():
                _establish(keyfile.make())
        ring = keyfile.ring()
    for known in KeyEncryptionKey.objects.filter(retired_at=None):
        _hold_against(ring, known)
    _ready = ring
    return ring


def forget() -> None:
    """Look again at the next use."""
    global _ready
    _ready = None
    keyfile.forget()


def in_force() -> Kek:
    """The KEK new keys are wrapped by, held until the end of this transaction."""
    with connection.cursor() as cursor:
        for _ in range(3):  # the row that was read may have stopped to be current while we waited for it
            cursor.execute(_CURRENT)
            row = cursor.fetchone()
            if row:
                return keyfile.ring().get(row[0])
    raise VaultKeyMissing(
        "The database names no key of the vault that is in force.",
        hint="Run `postroom vault rotate-key`; it makes the first key of the key file the one in force.",
    )


def record(data_keys: Sequence[tuple[uuid.UUID, bytes]]) -> None:
    """Wrap and write the data keys of new blobs, inside the caller's transaction."""
    if data_keys:
        kek = in_force()
        start, named = row(3), text(kek.id)
        rows = [start + ident(blob_id) + named + octets(wrapped) for blob_id, wrapped in kek.wrap_all(data_keys)]
        copy_packed(WrappedKey, ("blob_id", "kek_id", "wrapped"), rows)


def wrapped_key(blob_id: uuid.UUID) -> tuple[str, bytes] | None:
    """The KEK's id and the wrapped key of a blob; None when it is not here."""
    with connection.cursor() as cursor:
        cursor.execute(_WRAPPED, (blob_id,))
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None


def _establish(ring: keyfile.Ring) -> None:
    kek = ring.keks[0]
    row = KeyEncryptionKey(id=kek.id, check_value=kek.check, created_at=clock.now(), current=True)
    KeyEncryptionKey.objects.bulk_create([row], ignore_conflicts=True)  # another host may have been first


def _hold_against(ring: keyfile.Ring, row: KeyEncryptionKey) -> None:
    if not ring.keks:
        raise VaultKeyMissing(
            f"The key file {ring.where} is missing, and stored documents cannot be read without it.",
            hint="Put it back (a backup's .keys file holds a copy; another host of this installation has it too). "
            "A new key would not open what is stored, so none was made.",
            kek=row.pk,
        )
    if not any(kek.id == row.pk and kek.check == bytes(row.check_value) for kek in ring.keks):
        raise VaultKeyWrong(
            f"{ring.where} holds another key than the one the vault was written with ({row.pk}).",
            hint="Put the right key back; during a rotation both the new and the old one are needed. "
            "Nothing was changed.",
            kek=row.pk,
        )
