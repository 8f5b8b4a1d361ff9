"""What can be wrong with stored bytes."""

from __future__ import annotations

from postroom.kernel.errors import Damaged, NotFound, Unavailable


class BlobMissing(NotFound):
    """No blob has this id."""

    code = "blob-missing"
    title = "These bytes are not in the vault"


class BlobDamaged(Damaged):
    """The bytes in the segment are not those that were stored."""

    code = "blob-damaged"
    title = "Stored bytes are damaged"


class DiskFull(Unavailable):
    """The vault's disk has no room left; nothing was written."""

    code = "disk-full"
    title = "The disk of the vault is full"
