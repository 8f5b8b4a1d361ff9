"""The data folder: made once, recognised when it was cut short, configured anew at each start of the server."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from postroom.kernel.clock import now
from postroom.kernel.database.account import Account, Say
from postroom.kernel.database.errors import DatabaseFailed
from postroom.kernel.database.providers import Provider
from postroom.kernel.database.sockets import PORT
from postroom.kernel.home import Home

NAME = "postroom"
"""Name of the database and of the role that owns it. The role is no superuser: only the bootstrap one is."""

SUPERUSER = "postgres"

_MARKER = "postroom.complete"
_LOGS_KEPT = 20

_SETTINGS = """\
# Written by Postroom at each start of the server. Put your own settings into {local}.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
cluster_name = 'postroom'
max_connections = 100
shared_buffers = 256MB
dynamic_shared_memory_type = posix
fsync = on
full_page_writes = on
synchronous_commit = on
wal_compression = on
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = '{logs}'
log_filename = 'postgresql-%Y%m%d-%H%M%S.log'
log_rotation_age = 0
log_rotation_size = 10MB
log_line_prefix = '%m [%p] %q%a '
# Statements and row details would carry personal data into the log.
log_min_error_statement = panic
log_error_verbosity = terse
"""

_INCLUDES = """
include_if_exists = 'postroom.conf'
include_if_exists = '../local.conf'
"""

_RULES = "# Only who can enter the private socket folder gets this far.\nlocal all all trust\n"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered beside the data about the PostgreSQL that made them."""

    provider: str
    major: int
    version: str


def data_folder(home: Home) -> Path:
    """PostgreSQL's data folder."""
    return home.database / "data"


def log_folder(home: Home) -> Path:
    """The server's logs: a folder of their own, because the server's account must write there."""
    return home.logs / "database"


def is_complete(data: Path) -> bool:
    """Whether the folder was made to the end."""
    return (data / _MARKER).exists()


def found_major(data: Path) -> int | None:
    """The major version that wrote the data, by PostgreSQL's own note."""
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return None


def remembered(home: Home) -> Memory | None:
    """What ``provider.json`` says, or None when there is none (yet)."""
    try:
        noted = json.loads((home.database / "provider.json").read_text(encoding="utf-8"))
        return Memory(str(noted["provider"]), int(noted["major"]), str(noted["version"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # the data's own PG_VERSION still guards the major version


def remember(home: Home, provider: Provider) -> None:
    """Note provider and version beside the data."""
    noted = {
        "provider": provider.name,
        "major": provider.major,
        "version": provider.version,
        "noted_at": now().isoformat(timespec="seconds"),
    }
    _write(home.database / "provider.json", json.dumps(noted, indent=2) + "\n")


def set_aside_incomplete(home: Home, say: Say) -> None:
    """Move a data folder without the marker out of the way. Never deleted: perhaps it is somebody's own cluster."""
    data = data_folder(home)
    aside = data.with_name(f"data.incomplete-{now():%Y%m%dT%H%M%S}-{os.getpid()}")
    data.rename(aside)
    say(f"{data} was never made to the end (its marker {_MARKER} is missing); moved to {aside}. A new one is made.")


def create(home: Home, provider: Provider, account: Account, inherit: tuple[int, ...]) -> None:
    """initdb, role, database, marker. Raises DatabaseFailed with PostgreSQL's words.

    The programs inherit the start lock: when we are killed, the next starter waits until they are gone too.
    """
    data = data_folder(home)
    account.own(data)
    done = account.run(_initdb(provider, data, utf8=True), inherit=inherit)
    if done.returncode != 0 and "locale" in done.stderr:  # this system has no C.UTF-8 (PostgreSQL before 17)
        done = account.run(_initdb(provider, data, utf8=False), inherit=inherit)
    if done.returncode != 0:
        raise DatabaseFailed(
            f"initdb of PostgreSQL {provider.version} failed for {data}: {_last_words(done.stderr or done.stdout)}",
            hint="Put right what it names and start again.",
        )
    _write(data / "pg_hba.conf", _RULES, owner=account)
    with (data / "postgresql.conf").open("a", encoding="utf-8") as handle:
        handle.write(_INCLUDES)
    made = account.run(
        [provider.program("postgres"), "--single", "-D", str(data), "-c", "exit_on_error=on", "postgres"],
        inherit=inherit,
        stdin=f"CREATE ROLE {NAME} LOGIN CREATEDB;\nCREATE DATABASE {NAME} OWNER {NAME};\n",
    )
    if made.returncode != 0:
        raise DatabaseFailed(
            f"The database could not be made in {data}: {_last_words(made.stderr)}",
            hint="Put right what it names and start again.",
        )
    if not (home.database / "local.conf").exists():
        _write(home.database / "local.conf", "# Your own settings for the database.\n", owner=account)
    remember(home, provider)
    _write(data / _MARKER, now().isoformat(timespec="seconds") + "\n", owner=account)


def _initdb(provider: Provider, data: Path, *, utf8: bool) -> list[str]:
    """Bytewise order and Unicode letters, the same on every machine: no system locale can break an index."""
    if provider.major >= 17:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        locale = ["--locale=C.UTF-8" if utf8 else "--locale=C"]
    return [
        provider.program("initdb"),
        *("-D", str(data), "-U", SUPERUSER, "-E", "UTF8", "-A", "trust"),
        *("--data-checksums", "--no-instructions", "--lc-messages=C"),
        *locale,
    ]


def configure(home: Home, account: Account, sockets: Path) -> None:
    """Write our settings anew (the home may have been moved) and drop the oldest logs."""
    logs = log_folder(home)
    account.own(logs)
    text = _SETTINGS.format(
        local=home.database / "local.conf", port=PORT, sockets=sockets, logs=str(logs).replace("'", "''")
    )
    _write(data_folder(home) / "postroom.conf", text, owner=account)
    for old in sorted(logs.glob("postgresql-*.log"))[:-_LOGS_KEPT]:
        old.unlink()


def _write(path: Path, text: str, owner: Account | None = None) -> None:
    """Durably, and whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8") as handle:
        fresh.chmod(0o600)
        if owner and not owner.ours:
            os.fchown(handle.fileno(), owner.uid, owner.gid)
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _last_words(text: str) -> str:
    """The lines that matter of a program's complaint."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    loud = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
    return " ".join((loud or lines)[-3:]) or "it said nothing"
