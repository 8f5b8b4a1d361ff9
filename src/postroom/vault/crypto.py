"""The two layers of keys, without files or rows.

Each blob is sealed by AES-256-GCM (NIST SP 800-38D) with a random data key of its own. The data key is used once, so
its nonce may be constant (twelve zero bytes). The data key is *wrapped*: sealed by the key-encryption key (KEK) of the
installation with a random nonce, 60 bytes in all. Random nonces allow 2^32 wraps under one KEK (section 8.3); with
three blobs to a document that is more than a thousand million documents, and a rotation begins a new count.

What is sealed is bound to its name: a blob to its whole frame header (id, digest, codec, size), a wrapped key to its
blob and its KEK. Exchanging two of them is noticed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import uuid
from collections.abc import Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
#: What sealing adds to the length of a blob.
TAG_BYTES = 16
_NONCE_BYTES = 12
_ONCE = bytes(_NONCE_BYTES)


class SealBroken(ValueError):
    """The key is another one, or the bytes or their name were changed."""


class Kek:
    """A key-encryption key. ``id`` and ``check`` tell that it is the right one and nothing of the key itself."""

    __slots__ = ("_cipher", "check", "id", "text")

    def __init__(self, secret: bytes) -> None:
        self.id = _mac(secret, b"postroom vault kek id").hex()[:16]
        self.check = _mac(secret, b"postroom vault kek check")
        self.text = base64.urlsafe_b64encode(secret).decode("ascii")
        self._cipher = AESGCM(secret)

    def __repr__(self) -> str:
        return f"Kek({self.id})"

    def wrap(self, blob_id: uuid.UUID, data_key: bytes) -> bytes:
        """Nonce, wrapped data key and tag."""
        ((_, wrapped),) = self.wrap_all([(blob_id, data_key)])
        return wrapped

    def wrap_all(self, data_keys: Sequence[tuple[uuid.UUID, bytes]]) -> Iterator[tuple[uuid.UUID, bytes]]:
        """The same for many blobs; their nonces, each of its own, are drawn together."""
        encrypt, own = self._cipher.encrypt, self.id.encode()
        nonces = os.urandom(_NONCE_BYTES * len(data_keys))
        for at, (blob_id, data_key) in zip(range(0, len(nonces), _NONCE_BYTES), data_keys, strict=True):
            nonce = nonces[at : at + _NONCE_BYTES]
            yield blob_id, nonce + encrypt(nonce, data_key, blob_id.bytes + own)

    def unwrap(self, blob_id: uuid.UUID, wrapped: bytes) -> bytes:
        """The data key of a blob. Raises SealBroken."""
        bound = blob_id.bytes + self.id.encode()
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], bound)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("its wrapped key was changed") from error


def new_kek() -> Kek:
    """A fresh key-encryption key."""
    return Kek(os.urandom(KEY_BYTES))


def parse_keks(text: str) -> list[Kek]:
    """Keys of a key file or variable, the newest first: base64 or hex of 32 bytes, by line or comma, ``#`` comments.

    Raises ValueError that tells the position and never the text.
    """
    lines = (line.partition("#")[0] for line in text.splitlines())
    words = [word.strip() for line in lines for word in line.split(",") if word.strip()]
    keks = []
    for position, word in enumerate(words, 1):
        try:
            secret = bytes.fromhex(word) if len(word) == 64 else base64.b64decode(word, b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"key {position} is neither base64 nor hex") from error
        if len(secret) != KEY_BYTES:
            raise ValueError(f"key {position} has {len(secret)} bytes instead of {KEY_BYTES}")
        keks.append(Kek(secret))
    return keks


def seal(data_key: bytes, content: bytes, bound: bytes) -> bytes:
    """The content sealed; ``bound`` is authenticated with it. A data key seals once, never twice."""
    return AESGCM(data_key).encrypt(_ONCE, content, bound)


def unseal(data_key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """The content again. Raises SealBroken."""
    try:
        return AESGCM(data_key).decrypt(_ONCE, sealed, bound)
    except InvalidTag as error:
        raise SealBroken("its seal is broken: the bytes, their frame or their key were changed") from error


def derived(data_key: bytes, purpose: bytes) -> bytes:
    """A key for one more purpose. The data key itself has sealed its blob, and its nonce was constant."""
    return _mac(data_key, purpose)


def _mac(secret: bytes, words: bytes) -> bytes:
    return hmac.new(secret, words, hashlib.sha256).digest()
