"""Where the key-encryption keys lie: a variable, a file that is named, or ``vault.key`` in the home folder.

A key that exists is never overwritten: the file is replaced as a whole, by one that holds what it held before and
more, or (at the end of a rotation) without keys nothing is wrapped by any longer.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from postroom.kernel.home import home
from postroom.vault.crypto import Kek, new_kek, parse_keks
from postroom.vault.errors import VaultKeyMissing, VaultKeyUnusable

NAME = "vault.key"


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys at hand, the newest first. ``where`` is for messages, ``path`` the file, if it is one."""

    keks: tuple[Kek, ...]
    where: str
    path: Path | None

    def get(self, kek_id: str) -> Kek:
        """Raises VaultKeyMissing."""
        for kek in self.keks:
            if kek.id == kek_id:
                return kek
        raise VaultKeyMissing(
            f"The vault's key {kek_id} is not in {self.where}.",
            hint="Bring back that key (a backup's .keys file holds a copy of vault.key) and start again; "
            "nothing was changed.",
            kek=kek_id,
        )


_cached: tuple[object, Ring] | None = None


def ring() -> Ring:
    """The keys at hand; read again when the file has changed. Empty when there is no file in the home yet.

    Raises VaultKeyMissing (a file that is named is not there) or VaultKeyUnusable (it cannot be read).
    """
    global _cached
    mark, path = _mark()
    if _cached is None or _cached[0] != mark:
        _cached = (mark, _load(path))
    return _cached[1]


def forget() -> None:
    """Read the keys again at the next use."""
    global _cached
    _cached = None


def make() -> Ring:
    """A key file with a fresh key, unless there are keys already: of two that start, the first one wins."""
    present = ring()
    if present.keks or present.path is None:
        return present
    fresh = _write(present.path, [new_kek()])
    try:
        os.link(fresh, present.path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    _sync(present.path.parent)
    forget()
    return ring()


def put(keks: list[Kek]) -> Ring:
    """Replace the key file. Raises VaultKeyUnusable when the keys come from a variable or the file is read-only."""
    present = ring()
    if present.path is None:
        raise VaultKeyUnusable(
            "The vault's keys come from POSTROOM_VAULT_KEY, which only you can change.",
            hint="Make a key with `postroom vault new-key`, put it and a comma before the present one, start all "
            "processes again, and run `postroom vault rotate-key` again.",
        )
    try:
        _write(present.path, keks).replace(present.path)
        _sync(present.path.parent)
    except OSError as error:
        raise VaultKeyUnusable(
            f"The key file {present.path} cannot be replaced: {error.strerror}.",
            hint="Put the new key (`postroom vault new-key`) on its first line yourself, keep the others below it, "
            "and run `postroom vault rotate-key` again.",
        ) from error
    forget()
    return ring()


def _mark() -> tuple[object, Path | None]:
    """What changes when the keys do, and the file they are in."""
    config = settings.CONFIG
    if config.vault_key:
        return config.vault_key, None
    path = Path(config.vault_key_file) if config.vault_key_file else home().root / NAME
    try:
        found = path.stat()
    except FileNotFoundError:
        if config.vault_key_file:
            raise VaultKeyMissing(
                f"There is no key file {path}.",
                hint="POSTROOM_VAULT_KEY_FILE names it. Put the file back, or make one with "
                "`postroom vault new-key` for a new installation.",
            ) from None
        return (str(path), None), path
    return (str(path), found.st_mtime_ns, found.st_ino, found.st_size), path


def _load(path: Path | None) -> Ring:
    where = str(path) if path else "POSTROOM_VAULT_KEY"
    try:
        text = path.read_text(encoding="ascii") if path else str(settings.CONFIG.vault_key)
        keks = parse_keks(text)
        if not keks:
            raise ValueError("it holds no key")
    except FileNotFoundError:
        return Ring((), where, path)
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise VaultKeyUnusable(
            f"The vault's key cannot be read from {where}: {what}.",
            hint="A key is 32 bytes as base64 or hex, one a line. Bring back the right file; nothing was changed.",
        ) from error
    return Ring(tuple(keks), where, path)


def _write(path: Path, keks: list[Kek]) -> Path:
    """The keys in a file beside ``path``, for its owner only, on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")  # two threads may be at it
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write("".join(f"{kek.text}\n" for kek in keks))
        handle.flush()
        os.fsync(handle.fileno())
    return fresh


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
