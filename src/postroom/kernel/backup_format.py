"""What a backup looks like: a folder, or the same as one tar file, and a manifest that is written last.

``manifest.json`` names every other file with its size and SHA-256. It exists only in a complete backup, so one that
was cut short is recognised; so does its name, which ends in ``.partial`` until everything is on the disk.

::

    manifest.json       format, versions, time, files, row counts
    database.dump       pg_dump's custom format
    ledger-heads.log    the ledger's outside anchor
    vault/...           the segments, byte for byte
    keys/*.key          secrets of the installation; who holds them can read the backup
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from postroom.kernel.errors import BadInput, Conflict, Damaged, PostroomError

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
HEADS = "ledger-heads.log"
VAULT = "vault"
KEYS = "keys"

_BLOCK = 1024 * 1024
_MANIFEST_LIMIT = 512 * 1024 * 1024

Step = Callable[[int], None]
"""Told how many bytes have been handled since the last call."""


class BadBackup(BadInput):
    """This is not a backup, not a complete one, or one of a format we do not know."""

    code = "bad-backup"
    title = "This is not a usable backup"


class BackupDamaged(Damaged):
    """Files of a backup are missing or not what was written."""

    code = "backup-damaged"
    title = "The backup is damaged"


class BackupFailed(PostroomError):
    """pg_dump or pg_restore failed, or the house changed in a way a backup cannot follow."""

    code = "backup-failed"
    title = "The backup or restore failed"


class BackupExists(Conflict):
    """A backup never overwrites another."""

    code = "backup-exists"
    title = "There is something at the target already"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``rows`` counts each table in the very snapshot that was dumped."""

    format: int
    postroom: str
    postgresql: int
    created_at: str
    rows: dict[str, int]
    files: list[Entry]

    def to_json(self) -> bytes:
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_json(cls, data: bytes, where: Path) -> Manifest:
        """Read and check it. Names that would leave the backup are refused."""
        try:
            raw: dict[str, Any] = json.loads(data)
            if raw["format"] != FORMAT:
                raise BadBackup(
                    f"The backup {where} has format {raw['format']}; this Postroom reads format {FORMAT}.",
                    hint="Restore it with the version of Postroom that made it.",
                )
            files = [Entry(str(each["name"]), int(each["size"]), str(each["sha256"])) for each in raw["files"]]
            rows = {str(table): int(count) for table, count in raw["rows"].items()}
            found = cls(FORMAT, str(raw["postroom"]), int(raw["postgresql"]), str(raw["created_at"]), rows, files)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupDamaged(
                f"{MANIFEST} of the backup {where} cannot be read: {error!r}.", hint="Use another backup."
            ) from error
        for entry in files:
            path = PurePosixPath(entry.name)
            known = entry.name in (DUMP, HEADS) or (len(path.parts) > 1 and path.parts[0] in (VAULT, KEYS))
            if not known or path.is_absolute() or ".." in path.parts or str(path) != entry.name:
                raise BadBackup(
                    f"The backup {where} names the file {entry.name!r}, which does not belong into one.",
                    hint="Do not restore it: somebody changed it.",
                )
        return found


class Writer(ABC):
    """Takes the files of one backup, in the order in which they must be read from the house."""

    def __init__(self, partial: Path) -> None:
        self.partial = partial
        self.entries: list[Entry] = []

    def add(self, name: str, source: Path, step: Step) -> Entry:
        """Copy what ``source`` holds at this moment; what is appended meanwhile is left for the next backup."""
        with source.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            entry = Entry(name, size, self._put(name, handle, size, step))
        self.entries.append(entry)
        return entry

    @abstractmethod
    def _put(self, name: str, source: IO[bytes], size: int, step: Step) -> str:
        """Store exactly ``size`` bytes and return their SHA-256. EOFError when the source is shorter."""

    @abstractmethod
    def finish(self, manifest: bytes) -> None:
        """Write the manifest last and make everything durable."""

    @abstractmethod
    def abandon(self) -> None:
        """Remove what was written so far."""


class _FolderWriter(Writer):
    def __init__(self, partial: Path) -> None:
        super().__init__(partial)
        partial.mkdir(mode=0o700)

    def _put(self, name: str, source: IO[bytes], size: int, step: Step) -> str:
        place = self.partial / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _new_file(place) as target:
            return copy(source, target, size, step)

    def finish(self, manifest: bytes) -> None:
        self._put(MANIFEST, io.BytesIO(manifest), len(manifest), lambda _: None)
        for folder, _, _ in os.walk(self.partial):
            sync_folder(Path(folder))

    def abandon(self) -> None:
        shutil.rmtree(self.partial)


class _TarWriter(Writer):
    def __init__(self, partial: Path) -> None:
        super().__init__(partial)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - finish or abandon

    def _put(self, name: str, source: IO[bytes], size: int, step: Step) -> str:
        member = tarfile.TarInfo(name)
        member.size = size
        member.mode = 0o600
        reading = _Hashing(source, size, step)
        self._tar.addfile(member, reading)
        return reading.digest.hexdigest()

    def finish(self, manifest: bytes) -> None:
        self._put(MANIFEST, io.BytesIO(manifest), len(manifest), lambda _: None)
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        with suppress(OSError):  # closing writes what is buffered, and the disk may be full
            self._file.close()
        self.partial.unlink()


class _Hashing:
    """A reader that hashes what passes."""

    def __init__(self, source: IO[bytes], size: int, step: Step) -> None:
        self._source = source
        self._left = size
        self._step = step
        self.digest = hashlib.sha256()

    def read(self, count: int = _BLOCK) -> bytes:
        data = self._source.read(min(count, self._left))
        self._left -= len(data)
        self.digest.update(data)
        self._step(len(data))
        return data


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """A backup that appears at ``target`` when the block ends well; nothing is left of it when it fails."""
    if target.exists() or target.is_symlink():
        raise BackupExists(f"{target} exists already.", hint="Choose another name: a backup is never overwritten.")
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        writer: Writer = _TarWriter(partial) if target.suffix == ".tar" else _FolderWriter(partial)
    except OSError as error:
        raise BackupFailed(f"{partial} cannot be made: {error.strerror}.", hint="Choose another target.") from error
    try:
        yield writer
        partial.rename(target)
    except BaseException as error:  # whatever cut it, a half backup must not lie about
        writer.abandon()
        if isinstance(error, OSError):
            raise BackupFailed(
                f"The backup to {target} was given up: {error}.", hint="Free space, or choose another target."
            ) from error
        raise
    sync_folder(target.parent)


class Reader(ABC):
    """Reads one backup. ``each`` goes through its files once, in any order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = Manifest.from_json(self._manifest(), path)

    @abstractmethod
    def _manifest(self) -> bytes: ...

    @abstractmethod
    def each(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Every listed file that is there, with its bytes."""

    def verify(self, step: Step) -> None:
        """Compare every file with the manifest. Raises BackupDamaged naming every file that differs."""
        wanted = {entry.name: entry for entry in self.manifest.files}
        wrong: dict[str, str] = {}
        seen: set[str] = set()
        for name, source in self.each():
            seen.add(name)
            digest, size = hashlib.sha256(), 0
            try:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
                    step(len(block))
            except (OSError, tarfile.TarError) as error:
                wrong[name] = f"cannot be read ({error})"
                continue
            if size != wanted[name].size:
                wrong[name] = f"has {size} bytes instead of {wanted[name].size}"
            elif digest.hexdigest() != wanted[name].sha256:
                wrong[name] = "was changed"
        wrong |= {name: "is missing" for name in wanted if name not in seen}
        if wrong:
            raise BackupDamaged(
                f"{len(wrong)} of {len(wanted)} files of the backup {self.path} are damaged: "
                + "; ".join(f"{name} {what}" for name, what in list(wrong.items())[:10]),
                hint="Nothing was restored. Use another backup, or another copy of this one.",
                files=wrong,
            )


class _FolderReader(Reader):
    def _manifest(self) -> bytes:
        return (self.path / MANIFEST).read_bytes()

    def each(self) -> Iterator[tuple[str, IO[bytes]]]:
        for entry in self.manifest.files:
            try:
                handle = (self.path / entry.name).open("rb")
            except FileNotFoundError:
                continue
            with handle:
                yield entry.name, handle


class _TarReader(Reader):
    def _manifest(self) -> bytes:
        with tarfile.open(self.path, "r:") as tar:
            for member in tar:
                if member.name == MANIFEST and member.isfile() and member.size < _MANIFEST_LIMIT:
                    source = tar.extractfile(member)
                    assert source is not None  # a regular file always has one
                    return source.read()
        raise FileNotFoundError(MANIFEST)

    def each(self) -> Iterator[tuple[str, IO[bytes]]]:
        wanted = {entry.name for entry in self.manifest.files}
        with tarfile.open(self.path, "r:") as tar:
            for member in tar:
                if member.name in wanted and member.isfile():
                    wanted.discard(member.name)
                    source = tar.extractfile(member)
                    assert source is not None
                    yield member.name, source


def reading(path: Path) -> Reader:
    """Open a backup. Raises BadBackup when it is none or was cut short."""
    try:
        return _FolderReader(path) if path.is_dir() else _TarReader(path)
    except (FileNotFoundError, tarfile.TarError, EOFError) as error:
        if not path.exists():
            raise BadBackup(f"There is no backup at {path}.", hint="Check the path.") from error
        raise BadBackup(
            f"{path} is not a complete backup: it has no readable {MANIFEST}, which is written last.",
            hint="It was cut short or is something else. Use another one.",
        ) from error


def copy(source: IO[bytes], target: IO[bytes], size: int, step: Step) -> str:
    """Copy exactly ``size`` bytes and return their SHA-256."""
    reader = _Hashing(source, size, step)
    left = size
    while left:
        block = reader.read(min(_BLOCK, left))
        if not block:
            raise EOFError(f"{left} bytes are missing")
        target.write(block)
        left -= len(block)
    return reader.digest.hexdigest()


@contextmanager
def _new_file(place: Path) -> Iterator[IO[bytes]]:
    """A file that did not exist, readable by its owner only, on the disk when the block ends."""
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        yield handle
        handle.flush()
        os.fsync(handle.fileno())


def store(source: IO[bytes], place: Path, entry: Entry, step: Step) -> None:
    """Write one file of a backup to its place, comparing once more. Raises BackupDamaged."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _new_file(place) as target:
        digest = copy(source, target, entry.size, step)
    if digest != entry.sha256:
        raise BackupDamaged(f"{entry.name} changed while it was restored.", hint="Use another copy of the backup.")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
