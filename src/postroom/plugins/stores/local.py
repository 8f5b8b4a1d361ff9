"""Segments as files of the local disk, made durable by our own fdatasync (a put that only renames is not durable)."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from postroom.vault.errors import DiskFull
from postroom.vault.spec import SegmentFile, Store


class LocalSegment:
    """An open segment file, written by one process only."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held for life: whoever gets it knows that we are gone
        self._end = 0
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def append(self, data: bytes) -> int:
        start, view = self._end, memoryview(data)
        while view:
            try:
                written = os.write(self._fd, view)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise DiskFull(
                        f"There is no room left for segment {self.name}.",
                        hint="Free space on the disk of POSTROOM_HOME; the work goes on by itself.",
                    ) from error
                raise
            self._end += written
            view = view[written:]
        return start

    def sync(self) -> None:
        os.fdatasync(self._fd)

    def close(self) -> None:
        try:
            self.sync()
        finally:
            os.close(self._fd)


class LocalStore(Store):
    """Keeps segments as files ``<name>.seg`` below one folder."""

    name = "local"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> SegmentFile:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalSegment(self.folder / name)

    def read(self, name: str, offset: int, length: int) -> bytes:
        with (self.folder / name).open("rb", buffering=0) as handle:
            data = os.pread(handle.fileno(), length, offset)
        if len(data) < length:
            raise EOFError(f"segment {name} ends {length - len(data)} bytes too early")
        return data

    def size(self, name: str) -> int:
        return (self.folder / name).stat().st_size

    def names(self) -> Iterator[str]:
        if self.folder.is_dir():
            yield from sorted(path.name for path in self.folder.iterdir() if path.suffix == ".seg")

    def modified(self, name: str) -> float:
        return (self.folder / name).stat().st_mtime

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def abandoned(self, name: str) -> bool:
        try:
            handle = os.open(self.folder / name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise
        finally:
            os.close(handle)
        return True
