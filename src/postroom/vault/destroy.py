"""Destroying blobs (P11): without its wrapped key nobody can read a blob, wherever its sealed bytes still lie.

The bytes of the segment stay until it is compacted. A backup's main file never held the key; its ``.keys`` file did,
which is why those files have a retention of their own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from postroom.kernel import clock
from postroom.vault.frames import ENCRYPTED


@dataclass(frozen=True, slots=True)
class Destroyed:
    """``plain``: blobs from before encryption. They are never served again; their bytes go when their segment is
    compacted, which their owner should ask for."""

    blobs: tuple[uuid.UUID, ...]
    plain: tuple[uuid.UUID, ...]


def destroy(blob_ids: Iterable[uuid.UUID]) -> Destroyed:
    """Make blobs unreadable for ever. The caller has asked for the permission and writes the ledger, in one
    transaction with this; who destroys is never the vault's own idea. Blobs destroyed before are left as they are,
    and so are dictionaries, which hold nobody's data and which others need.
    """
    wanted = sorted(set(blob_ids))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_blob SET destroyed_at = %s WHERE id = ANY(%s) AND destroyed_at IS NULL"
            " AND NOT EXISTS (SELECT FROM vault_dictionary d WHERE d.blob_id = vault_blob.id) RETURNING id, codec",
            (clock.now(), wanted),
        )
        gone = cursor.fetchall()
        cursor.execute("DELETE FROM vault_key WHERE blob_id = ANY(%s)", ([row[0] for row in gone],))
    return Destroyed(tuple(sorted(row[0] for row in gone)), tuple(sorted(row[0] for row in gone if row[1] < ENCRYPTED)))
