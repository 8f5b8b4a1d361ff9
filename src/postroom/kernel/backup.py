"""Backup of a whole house while it works, and restore into an empty one.

The order is the proof. Each thing refers only to things that were durable before it: a ledger head is noted after
its commit, a row is committed after its bytes. So the heads are read first, then the database in one snapshot, then
the segments, which only grow: every head finds its entry in the dump, every row finds its bytes in the segments.
What is appended meanwhile is an unreferenced tail. Whoever removes or rewrites segments must hold
``keep_segments`` exclusively, or a backup between its dump and its copy would miss them.

Keys of stored documents are a stream of their own beside it (``backup_keys``).

Not in a backup: caught mail, the drop folder, logs and scratch space.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from postroom.kernel import backup_keys, database
from postroom.kernel.backup_format import (
    DUMP,
    FORMAT,
    HEADS,
    KEYS,
    VAULT,
    BackupFailed,
    Manifest,
    Writer,
    reading,
    store,
    sync_folder,
    writing,
)
from postroom.kernel.clock import now
from postroom.kernel.database import adapter, providers
from postroom.kernel.errors import Conflict, Damaged
from postroom.kernel.home import LABEL, Home
from postroom.kernel.locks import FileLock

#: In the home: when the last finished backup was begun (docs/metrics.md).
LAST_BACKUP = "last-backup"
Progress = Callable[[str, int, int], None]
"""Told the step, the bytes done and the bytes in all (0 when unknown)."""

_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1, 2
"""


class HomeNotEmpty(Conflict):
    """Restoring never overwrites: neither a home folder nor a database."""

    code = "home-not-empty"
    title = "There is something here already"


class RestoreIncomplete(Damaged):
    """After the restore the database does not hold what the backup counted."""

    code = "restore-incomplete"
    title = "The restore is not complete"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What was saved. ``rows`` per table (``schema.table``), ``bytes`` of all files; ``keys`` is the file beside it."""

    path: Path
    created_at: str
    postgresql: int
    rows: dict[str, int]
    files: int
    segments: int
    bytes: int
    seconds: float
    keys: Path | None = None


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored, and from when; ``keys`` were brought back, ``unreadable`` blobs have none."""

    home: Path
    created_at: str
    postgresql: int
    rows: dict[str, int]
    segments: int
    bytes: int
    seconds: float
    keys: int = 0
    unreadable: int = 0


def keep_segments(home: Home) -> FileLock:
    """Held shared while a backup copies segments; hold it exclusively to remove or rewrite any."""
    return FileLock(home.locks / "vault.keep")


def backup(home: Home, target: Path, progress: Progress | None = None) -> BackupReport:
    """Save the house to ``target``: one folder, or one file when the name ends with ``.tar``.

    Starts the database when it is down, and leaves it as it was found.
    """
    began = time.monotonic()
    ran = database.status(home).running
    url = database.start(home)
    keys: list[backup_keys.KeyStream] = []
    try:
        with writing(target) as writer, keep_segments(home).holding(shared=True):
            manifest = _collect(home, url, writer, progress, backup_keys.beside(target), keys)
            writer.finish(manifest.to_json())
    except BaseException:  # keys without their backup are of no use, and nobody would look for them
        for stream in keys:
            stream.path.unlink(missing_ok=True)
        raise
    finally:
        if not ran:
            database.stop(home)
    with suppress(OSError):  # the backup is made; only its age is not told
        (home.root / LAST_BACKUP).write_text(f"{manifest.created_at}\n", "ascii")
    return BackupReport(
        path=target,
        created_at=manifest.created_at,
        postgresql=manifest.postgresql,
        rows=manifest.rows,
        files=len(manifest.files),
        segments=_segments(manifest),
        bytes=sum(entry.size for entry in manifest.files),
        seconds=time.monotonic() - began,
        keys=keys[0].path if keys else None,
    )


def _collect(
    home: Home,
    url: str,
    writer: Writer,
    progress: Progress | None,
    keys_at: Path,
    keys: list[backup_keys.KeyStream],
) -> Manifest:
    """Everything in the order the module's docstring explains."""
    created_at = now().isoformat(timespec="seconds")
    if home.ledger_heads.exists():
        writer.add(HEADS, home.ledger_heads, _Meter("ledger heads", 0, progress).step)
    scratch = writer.partial.with_name(f"{writer.partial.name}.dump")
    try:
        with psycopg.connect(url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            major = connection.info.server_version // 10000
            snapshot = _one(connection, "SELECT pg_export_snapshot()")
            rows = backup_keys.without(_count(connection))
            _tell(progress, "database", 0, 0)
            stream = backup_keys.write(connection, keys_at, home.root, created_at)
            if stream:
                keys.append(stream)
            scratch.touch(0o600)
            options = ["--format=custom", "--compress=3", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
            options += backup_keys.exclusions()
            _postgres(home, url, "pg_dump", [*options, f"--file={scratch}"])
        writer.add(DUMP, scratch, _Meter("database", scratch.stat().st_size, progress).step)
    finally:
        scratch.unlink(missing_ok=True)
    segments = sorted(path for path in home.vault.rglob("*") if path.is_file() and not path.is_symlink())
    meter = _Meter("vault", sum(path.stat().st_size for path in segments), progress)
    for path in segments:
        name = f"{VAULT}/{path.relative_to(home.vault).as_posix()}"
        try:
            writer.add(name, path, meter.step)
        except (EOFError, OSError) as error:
            raise BackupFailed(
                f"The segment {path} could not be copied: {error}.",
                hint="Check both disks; `postroom vault verify` tells whether it is damaged.",
                path=str(path),
            ) from error
    for path in sorted([*home.root.glob("*.key"), *home.root.glob(LABEL)]):
        if path.name == backup_keys.KEY_FILE:
            continue  # with the keys it wraps
        writer.add(f"{KEYS}/{path.name}", path, lambda _: None)
    return Manifest(FORMAT, version("postroom"), major, created_at, rows, writer.entries)


def restore(archive: Path, home: Home, progress: Progress | None = None, keys: Path | None = None) -> RestoreReport:
    """Restore a backup into an empty home (and the database named by ``DATABASE_URL``, which must be empty too).

    ``keys`` is the key file: the one beside the backup when there is one, or any newer one. Without it the rows are
    restored and the documents cannot be read; the report says how many.
    Every hash is compared before anything is touched. A restore that is cut short leaves a home that refuses to
    start and says so.
    """
    began = time.monotonic()
    saved = reading(archive)
    manifest = saved.manifest
    if home.root.exists() and any(home.root.iterdir()):
        raise HomeNotEmpty(
            f"The home folder {home.root} is not empty.",
            hint="Restore into an empty folder: set POSTROOM_HOME to a new one.",
            home=str(home.root),
        )
    _check_server(manifest, archive)
    total = sum(entry.size for entry in manifest.files)
    saved.verify(_Meter("verify", total, progress).step)
    if keys is None and backup_keys.beside(archive).exists():
        keys = backup_keys.beside(archive)
    stream = backup_keys.check(keys) if keys else None

    home.prepare()
    marker = home.root / adapter.HALF_RESTORED
    marker.write_text(f"{archive}\n", encoding="utf-8")
    dump = home.work / DUMP
    meter = _Meter("files", total, progress)
    entries = {entry.name: entry for entry in manifest.files}
    for name, source in saved.each():
        store(source, _place(home, name, dump), entries[name], meter.step)
    for folder, _, _ in os.walk(home.vault):
        sync_folder(Path(folder))
    sync_folder(home.root)

    _tell(progress, "database", 0, 0)
    url = adapter.start_restoring(home)
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _postgres(home, url, "pg_restore", [*options, str(dump)])
    with psycopg.connect(url, autocommit=True) as connection:
        rows = backup_keys.without(_count(connection))
        restored = 0
        if stream:
            backup_keys.place_key_file(home.root, stream)
            restored = backup_keys.load(connection, stream)
        unreadable = backup_keys.unreadable(connection)
        connection.execute("ANALYZE")
    if rows != manifest.rows:
        wrong = {table: (count, rows.get(table)) for table, count in manifest.rows.items() if rows.get(table) != count}
        raise RestoreIncomplete(
            f"After the restore {len(wrong)} tables differ from the backup: {wrong}.",
            hint="Empty the home folder and restore again, or use another backup.",
        )
    dump.unlink()
    marker.unlink()
    sync_folder(home.root)
    return RestoreReport(
        home=home.root,
        created_at=manifest.created_at,
        postgresql=manifest.postgresql,
        rows=rows,
        segments=_segments(manifest),
        bytes=total,
        seconds=time.monotonic() - began,
        keys=restored,
        unreadable=unreadable,
    )


def _check_server(manifest: Manifest, archive: Path) -> None:
    """An older PostgreSQL cannot read a newer one's dump, and a database in use must not be restored into."""
    url = os.environ.get("DATABASE_URL")
    if url:
        with psycopg.connect(url) as connection:
            major = connection.info.server_version // 10000
            if connection.execute(_TABLES).fetchone():
                raise HomeNotEmpty(
                    "The database named by DATABASE_URL holds tables already.",
                    hint="Name an empty database, or unset DATABASE_URL to restore into the embedded one.",
                )
    else:
        found = providers.available()
        major = found[0].major if found else 0
    if major < manifest.postgresql:
        raise database.ForeignMajor(
            f"The backup {archive} was made by PostgreSQL {manifest.postgresql}; here it is {major or 'none'}.",
            hint=f"Install PostgreSQL {manifest.postgresql} or newer (or set POSTROOM_POSTGRES to its programs).",
            found=manifest.postgresql,
            available=[major],
        )


def _place(home: Home, name: str, dump: Path) -> Path:
    """Where a file of a backup belongs."""
    if name == DUMP:
        return dump
    if name == HEADS:
        return home.ledger_heads
    kind, _, rest = name.partition("/")
    return home.vault / rest if kind == VAULT else home.root / Path(rest).name


def _postgres(home: Home, url: str, program: str, options: list[str]) -> None:
    """Run pg_dump or pg_restore; the password goes by the environment, where ``ps`` does not show it."""
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = {**os.environ, "LC_ALL": "C"}
    if password:
        environment["PGPASSWORD"] = str(password)
    done = subprocess.run(
        [str(database.bin_dir(home) / program), f"--dbname={make_conninfo('', **parts)}", *options],
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise BackupFailed(
            f"{program} failed: {' '.join(done.stderr.split())[-1000:]}",
            hint="Put right what it names and try again.",
        )


def _count(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of every table of ours."""
    counts: dict[str, int] = {}
    for schema, table in connection.execute(_TABLES).fetchall():
        name = sql.Identifier(schema, table)
        counts[f"{schema}.{table}"] = int(_one(connection, sql.SQL("SELECT count(*) FROM {}").format(name)))
    return counts


def _one(connection: psycopg.Connection, query: sql.Composed | str) -> str:
    row = connection.execute(query).fetchone()
    assert row is not None  # an aggregate or a function always gives one row
    return str(row[0])


def _segments(manifest: Manifest) -> int:
    return sum(entry.name.startswith(f"{VAULT}/") for entry in manifest.files)


def _tell(progress: Progress | None, step: str, done: int, total: int) -> None:
    if progress:
        progress(step, done, total)


class _Meter:
    """Adds up the bytes of one step."""

    def __init__(self, name: str, total: int, progress: Progress | None) -> None:
        self._name, self._total, self._progress, self._done = name, total, progress, 0
        _tell(progress, name, 0, total)

    def step(self, count: int) -> None:
        self._done += count
        _tell(self._progress, self._name, self._done, self._total)
