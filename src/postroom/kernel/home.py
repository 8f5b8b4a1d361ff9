"""``POSTROOM_HOME``: the one folder that holds all state of an installation."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

#: The file with a home's label. A backup holds it: what was on this disk is on that of the restored home.
LABEL = "home.label"


@dataclass(frozen=True, slots=True)
class Home:
    """Where each kind of state lives below the home folder."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "database"

    @property
    def vault(self) -> Path:
        return self.root / "vault"

    @property
    def outbox(self) -> Path:
        """Mail caught by the built-in SMTP capture (demo and test mode)."""
        return self.root / "outbox"

    @property
    def drop(self) -> Path:
        """Default target of the folder channel."""
        return self.root / "drop"

    @property
    def work(self) -> Path:
        """Scratch space: template packs unfolded for the cage. May be emptied when nothing runs."""
        return self.root / "work"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def ledger_heads(self) -> Path:
        """Anchor outside the database: the head of the ledger after each commit of this machine."""
        return self.root / "ledger-heads.log"

    def prepare(self) -> Home:
        """Make the folder (0700) if need be. Harmless when it exists."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.vault, self.outbox, self.drop, self.work, self.logs, self.locks):
            folder.mkdir(exist_ok=True)
        return self

    def label(self) -> str:
        """What tells this home from those of other hosts: the host's name and a random part, made at first use."""
        path = self.root / LABEL
        try:
            return path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            name = "".join(sign if sign.isalnum() or sign in "-." else "-" for sign in socket.gethostname())[:60]
            _once(path, f"{name}/{secrets.token_hex(4)}")
            return path.read_text(encoding="utf-8").strip()

    def secret(self, name: str) -> str:
        """A random secret kept in a file only the owner reads; made at first use."""
        path = self.root / f"{name}.key"
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            _once(path, secrets.token_urlsafe(48))
            return path.read_text(encoding="ascii").strip()


def _once(path: Path, text: str) -> None:
    """Write a file that is not there yet: the first of two starters wins, and the other reads the winner's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")  # threads of one process may be the two
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as handle:
        handle.write(text)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def home() -> Home:
    """The home folder of this process: ``POSTROOM_HOME``, else ``~/.local/share/postroom``."""
    named = os.environ.get("POSTROOM_HOME")
    root = Path(named) if named else Path.home() / ".local" / "share" / "postroom"
    return Home(root.expanduser().absolute())
