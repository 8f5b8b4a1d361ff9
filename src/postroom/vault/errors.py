"""What can be wrong with stored bytes."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Damaged, NotFound, Unavailable


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


class BlobKeyMissing(BlobDamaged):
    """The bytes are there, sealed, and the key they were sealed with is not."""

    code = "blob-key-missing"
    title = "The key of these bytes is not here"


class VaultKeyMissing(Unavailable):
    """A key-encryption key that is needed is not at hand."""

    code = "vault-key-missing"
    title = "The vault's key is missing"


class VaultKeyWrong(BadInput):
    """The key at hand is not the one the vault was written with."""

    code = "vault-key-wrong"
    title = "This is another vault's key"


class VaultKeyUnusable(BadInput):
    """The key file or variable cannot be read or replaced."""

    code = "vault-key-unusable"
    title = "The vault's key cannot be used"


class StoreUnavailable(Unavailable):
    """The store of sealed segments does not answer as it should."""

    code = "store-unavailable"
    title = "The store of the vault does not answer"


class StoreRefused(StoreUnavailable):
    """The store does not let us in."""

    code = "store-refused"
    title = "The store of the vault refuses access"


class SegmentElsewhere(StoreUnavailable):
    """Bytes that only the disk of another host has, which does not hand them over."""

    code = "segment-elsewhere"
    title = "The bytes are on the disk of another host"


class StoreConflict(Damaged):
    """The store holds other bytes under the name of a segment."""

    code = "store-conflict"
    title = "The store holds something else"
