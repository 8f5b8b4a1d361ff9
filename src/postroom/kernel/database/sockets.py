"""The folder of the server's socket: short, ours alone, and impossible to squat.

A socket path may hold 107 bytes (``sun_path``, unix(7)), and libpq and PostgreSQL read a comma in it as a list.
So the socket stands in ``run`` below the home when that path is short and plain, else in a folder of the user's
runtime folder or of ``/tmp`` named by a hash of the home path.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import stat
import tempfile
from pathlib import Path

from postroom.kernel.database.account import Account, Say
from postroom.kernel.home import Home

PORT = 5432
"""Only a part of the socket's name: the server listens on no network address."""

_LONGEST = 107
_PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")


def socket_file(folder: Path) -> Path:
    """The server's socket in ``folder``."""
    return folder / f".s.PGSQL.{PORT}"


def is_private(folder: Path, uid: int) -> bool:
    """Whether ``folder`` is a real folder of that user that nobody else can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & 0o077


def socket_folder(home: Home, account: Account, say: Say) -> Path:
    """Make (or find) the private folder of this home's socket."""
    inside = home.root / "run"
    if len(os.fsencode(socket_file(inside))) <= _LONGEST and _PLAIN.fullmatch(str(inside)):
        inside.mkdir(mode=0o700, exist_ok=True)
        if _claim(inside, account) and _bears_sockets(inside):
            return inside
    name = "postroom-" + hashlib.sha256(os.fsencode(home.root)).hexdigest()[:16]
    for base in _bases(account):
        outside = base / name
        if len(os.fsencode(socket_file(outside))) > _LONGEST or not _PLAIN.fullmatch(str(outside)):
            continue
        try:
            outside.mkdir(mode=0o700)
        except FileExistsError:
            pass
        except OSError:  # this base is missing or closed to us: the next one
            continue
        if _claim(outside, account):
            return outside
        fresh = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base))
        say(f"{outside} belongs to somebody else; the database socket stands in {fresh} instead.")
        if _claim(fresh, account):
            return fresh
    raise OSError(f"no folder for the socket of {home.root}")


def _bases(account: Account) -> list[Path]:
    """Short folders to try. The runtime folder is only for its user, so not for a server under another account."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    bases = [Path("/tmp")]  # noqa: S108 - what we make there is claimed by _claim before use
    if runtime and account.ours and is_private(Path(runtime), account.uid):
        bases.insert(0, Path(runtime))
    return bases


def _claim(folder: Path, account: Account) -> bool:
    """Check that ``folder`` is a real folder of the account, closing it to others; False when it is not.

    All looks and changes go through one descriptor, so the folder cannot be swapped in between.
    """
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        found = os.fstat(fd)
        if found.st_uid != account.uid:
            if os.geteuid() != 0 or found.st_uid != 0:
                return False
            os.fchown(fd, account.uid, account.gid)
        if stat.S_IMODE(found.st_mode) != 0o700:
            os.fchmod(fd, 0o700)
        return True
    finally:
        os.close(fd)


def _bears_sockets(folder: Path) -> bool:
    """Some shared and network folders refuse sockets; a try costs nothing."""
    probe = folder / f".probe{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as ours:
        try:
            ours.bind(os.fspath(probe))
        except OSError:
            return False
        probe.unlink()
    return True
