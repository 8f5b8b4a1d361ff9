"""The second stream of a backup: the keys of the stored documents, in a file beside it (P11).

Destroying a document destroys its key. A backup of the key would bring it back, so keys are not in the main backup,
which is kept for years, but in a file of their own, of which only the newest ones are kept. It is text: a header as
one line of JSON, each table as COPY writes it, and the SHA-256 of everything before as the last line. It belongs to
no backup in particular: an old backup is restored with the newest keys, and what was destroyed since stays destroyed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from postroom.kernel.backup_format import BackupDamaged, BackupExists, BadBackup, sync_folder

#: Left out of the main stream, in the order in which they are written here.
TABLES = ("vault_kek", "vault_key")
#: The key that wraps the keys, when it lies in the home folder.
KEY_FILE = "vault.key"
SUFFIX = ".keys"
FORMAT = "postroom-keys/1"
NOTE = (
    "Keys of stored documents. Keep only the newest of these files, and destroy older ones (copies too) within the"
    " time in which a destroyed document has to be gone: whoever has one can still read what was destroyed since."
)

_UNREADABLE = """
SELECT count(*) FROM vault_blob b WHERE b.codec >= 128 AND b.destroyed_at IS NULL
AND NOT EXISTS (SELECT FROM vault_key k WHERE k.blob_id = b.id)
"""
_TAKE = {
    "vault_kek": "INSERT INTO vault_kek SELECT * FROM incoming",
    "vault_key": (
        "INSERT INTO vault_key SELECT i.* FROM incoming i JOIN vault_blob b ON b.id = i.blob_id"
        " WHERE b.destroyed_at IS NULL"
    ),
}


@dataclass(frozen=True, slots=True)
class KeyStream:
    """A key file that was read to its end and is whole. ``rows`` per table."""

    path: Path
    created_at: str
    rows: dict[str, int]
    key_file: str


def beside(archive: Path) -> Path:
    """Where the keys of a backup lie: ``monday.keys`` for ``monday`` and for ``monday.tar``."""
    name = archive.name.removesuffix(".tar")
    return archive.with_name(name + SUFFIX)


def present(connection: psycopg.Connection) -> bool:
    """Whether this database has keys to keep."""
    found = connection.execute("SELECT to_regclass('vault_key') IS NOT NULL").fetchone()
    return bool(found and found[0])


def write(connection: psycopg.Connection, path: Path, root: Path, created_at: str) -> KeyStream | None:
    """Write the keys of this snapshot to ``path``; None when the database has none. Raises BackupExists."""
    if not present(connection):
        return None
    key_file = root / KEY_FILE
    secret = key_file.read_text(encoding="ascii") if key_file.exists() else ""
    rows = {table: _count(connection, table) for table in TABLES}
    header = {"format": FORMAT, "created_at": created_at, "note": NOTE, "rows": rows, "key_file": secret}
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise BackupExists(f"{path} exists already.", hint="Choose another name for the backup.") from error
    try:
        with os.fdopen(descriptor, "wb") as target:
            digest = hashlib.sha256()
            for piece in _pieces(connection, header):
                digest.update(piece)
                target.write(piece)
            target.write(f"{digest.hexdigest()}\n".encode())
            target.flush()
            os.fsync(target.fileno())
    except BaseException:  # whatever cut it, half a key file must not lie about
        path.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return KeyStream(path, created_at, rows, secret)


def _pieces(connection: psycopg.Connection, header: dict[str, Any]) -> Iterator[bytes]:
    yield json.dumps(header, ensure_ascii=False).encode() + b"\n"
    for table in TABLES:
        yield f"# {table}\n".encode()
        query = sql.SQL("COPY (SELECT * FROM {} ORDER BY 1) TO STDOUT").format(sql.Identifier(table))
        with connection.cursor() as cursor, cursor.copy(query) as copy:
            for block in copy:
                yield bytes(block)


def check(path: Path) -> KeyStream:
    """Read a key file to its end. Raises BadBackup (none) or BackupDamaged (cut short or changed)."""
    try:
        with path.open("rb") as source:
            header = json.loads(source.readline(1 << 20))
            if header["format"] != FORMAT:
                raise BadBackup(f"{path} is not a key file this Postroom reads.", hint="Use the one of the backup.")
            source.seek(0)
            digest, last = hashlib.sha256(), b""
            for line in source:
                digest.update(last)
                last = line
    except FileNotFoundError as error:
        raise BadBackup(f"There is no key file {path}.", hint="Check the path.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(f"{path} is not a key file, or was changed.", hint="Use another one.") from error
    if last.strip().decode("ascii", "replace") != digest.hexdigest():
        raise BackupDamaged(
            f"The key file {path} was cut short or changed.", hint="Nothing was restored. Use another copy of it."
        )
    rows = {str(table): int(count) for table, count in header["rows"].items()}
    return KeyStream(path, str(header["created_at"]), rows, str(header["key_file"]))


def load(connection: psycopg.Connection, stream: KeyStream) -> int:
    """Bring back the keys of blobs that are there and not destroyed. How many there were."""
    with stream.path.open("rb") as source:
        source.readline()
        lines: Iterator[bytes] = iter(source)
        line = next(lines)
        taken = 0
        while line.startswith(b"# "):
            table = line[2:].strip().decode("ascii")
            line, taken = _load_table(connection, table, lines)
    return taken


def _load_table(connection: psycopg.Connection, table: str, lines: Iterator[bytes]) -> tuple[bytes, int]:
    """One table; gives the line behind it and how many rows were taken."""
    taking = _TAKE[table]
    like = sql.SQL("CREATE TEMP TABLE incoming (LIKE {})").format(sql.Identifier(table))
    rest = b""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(like)
        with cursor.copy("COPY incoming FROM STDIN") as copy:
            for line in lines:
                if line.startswith(b"# ") or b"\t" not in line:
                    rest = line
                    break
                copy.write(line)
        cursor.execute(taking)
        taken = cursor.rowcount
        cursor.execute("DROP TABLE incoming")
    return rest, taken


def unreadable(connection: psycopg.Connection) -> int:
    """Blobs that are there and whose key is not."""
    if not present(connection):
        return 0
    found = connection.execute(_UNREADABLE).fetchone()
    return int(found[0]) if found else 0


def without(rows: dict[str, int]) -> dict[str, int]:
    """Row counts of the main stream: the tables of this one are empty in it."""
    return {table: count for table, count in rows.items() if table.rpartition(".")[2] not in TABLES}


def _count(connection: psycopg.Connection, table: str) -> int:
    found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(found[0]) if found else 0


def place_key_file(root: Path, stream: KeyStream) -> None:
    """Put ``vault.key`` into a restored home."""
    if not stream.key_file:
        return
    descriptor = os.open(root / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as target:
        target.write(stream.key_file)
        target.flush()
        os.fsync(target.fileno())


def exclusions() -> Iterable[str]:
    """Options of pg_dump that leave the rows of these tables out."""
    return [f"--exclude-table-data=*.{table}" for table in TABLES]
