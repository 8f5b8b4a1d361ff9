"""The key that signs heads: an Ed25519 key in the home folder, in the form other tools of signed notes use.

One host holds it (0600). Its public half is told by ``postroom ledger key`` and stands with each head that it signed;
who copied it once can tell for ever whether a head is ours.
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from postroom.kernel.errors import BadInput
from postroom.kernel.home import home
from postroom.ledger.errors import LedgerKeyMissing
from postroom.ledger.postroom_verify import ED25519, Wrong, from_base64, key_id

_PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs notes as ``name``, which is the origin of our checkpoints."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def id(self) -> bytes:
        return key_id(self.name, ED25519, self.public)

    @property
    def verifier_key(self) -> str:
        """What others verify with: ``name+id+base64(type || public key)`` (C2SP signed-note)."""
        material = base64.b64encode(bytes([ED25519]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{material}"

    def sign(self, text: str) -> str:
        """``text`` as a signed note."""
        signature = base64.b64encode(self.id + self.private.sign(text.encode())).decode()
        return f"{text}\n— {self.name} {signature}\n"

    def written(self) -> str:
        seed = self.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return f"{_PREFIX}{self.name}+{self.id.hex()}+{base64.b64encode(bytes([ED25519]) + seed).decode()}\n"


def place() -> Path:
    """Where the key lies. Backups take every ``*.key`` of the home folder along."""
    return home().root / "ledger-signing.key"


def load() -> Signer | None:
    """The key of this home folder, if it holds one. Raises LedgerKeyMissing when it cannot be trusted."""
    path = place()
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if mode & 0o077:
        raise LedgerKeyMissing(
            f"{path} can be read by others (mode {mode & 0o777:o}).",
            hint="If nobody has: `chmod 600` it. Else make a new one with `postroom ledger key --new`.",
        )
    try:
        name, _, rest = text.strip().removeprefix(_PREFIX).partition("+")
        raw = from_base64(rest.partition("+")[2])
        signer = Signer(name, Ed25519PrivateKey.from_private_bytes(raw[1:]))
    except (Wrong, ValueError) as error:
        raise _unreadable(path) from error
    if signer.written() != text:
        raise _unreadable(path)
    return signer


def _unreadable(path: Path) -> LedgerKeyMissing:
    return LedgerKeyMissing(
        f"{path} does not hold a key as it was written.",
        hint="Put it back from a backup, or make a new one with `postroom ledger key --new`.",
    )


def make(origin: str = "") -> Signer:
    """A new key, in place of the present one, which is kept beside it. Raises BadInput for a bad name."""
    name = origin or f"postroom.invalid/{secrets.token_hex(8)}"
    if "+" in name or any(each.isspace() or ord(each) < 32 for each in name):
        raise BadInput(f"{name!r} cannot name a ledger.", hint="Use an address like example.com/postroom.")
    signer = Signer(name, Ed25519PrivateKey.generate())
    path = place()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"ledger-signing.{os.getpid()}.new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(signer.written())
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        path.rename(path.with_name(f"ledger-signing-{secrets.token_hex(4)}.key"))
    fresh.rename(path)
    return signer
