"""What is made of a blob and kept beside it, such as pictures of its pages: destroyed with it (P11).

It is sealed by a key that follows from the blob's own data key. Once the wrapped key is gone nobody can open it,
wherever copies of it lie, and nobody has to go and look for them.
"""

from __future__ import annotations

import os
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from postroom.vault import crypto, keyfile, keys

_NONCE_BYTES = 12


class Beside:
    """Seals and opens what is kept beside one blob. ``what`` names it; another name does not open it."""

    def __init__(self, blob_id: uuid.UUID, data_key: bytes) -> None:
        self._blob_id = blob_id
        self._cipher = AESGCM(crypto.derived(data_key, b"postroom beside a blob"))

    def seal(self, what: str, content: bytes) -> bytes:
        """``content``, for a file that anybody may copy."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, self._bound(what))

    def unseal(self, what: str, sealed: bytes) -> bytes | None:
        """The content again; None when it is something else, or was changed: whoever made it makes it again."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound(what))
        except (InvalidTag, ValueError):
            return None

    def _bound(self, what: str) -> bytes:
        return self._blob_id.bytes + what.encode()


def beside(blob_id: uuid.UUID) -> Beside | None:
    """None when nothing may be kept: the blob was destroyed, or it is from before encryption.

    Raises VaultKeyMissing.
    """
    found = keys.wrapped_key(blob_id)
    if found is None:
        return None
    kek_id, wrapped = found
    return Beside(blob_id, keyfile.ring().get(kek_id).unwrap(blob_id, wrapped))
