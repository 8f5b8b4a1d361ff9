"""What a store of segments must do. Built in are ``postroom.plugins.stores.local`` and ``postroom.plugins.stores.s3``.

The vault decides the format; a store only keeps named byte strings. Segments grow on a ``Store`` (a disk); once sealed
they may be moved to a ``RemoteStore``, which keeps whole ones that never change.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Protocol


class SegmentFile(Protocol):
    """An open segment, owned by one writer."""

    name: str

    def append(self, data: bytes) -> int:
        """Write ``data`` at the end and return the offset where it starts. Not durable before ``sync``."""

    def sync(self) -> None:
        """Make everything appended so far durable (one fdatasync)."""

    def close(self) -> None:
        """Sync and let go."""


class Store(ABC):
    """Keeps segments."""

    name: ClassVar[str]

    @abstractmethod
    def create(self, name: str) -> SegmentFile:
        """A new, empty segment. Raises FileExistsError when the name is taken (put-if-absent)."""

    @abstractmethod
    def read(self, name: str, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes. Raises EOFError when the segment is shorter, FileNotFoundError when missing."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Bytes in the segment. Raises FileNotFoundError."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """Names of all segments, sorted."""

    @abstractmethod
    def modified(self, name: str) -> float:
        """When it was last written to, seconds since the epoch. Raises FileNotFoundError."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a segment that no row names. Harmless when it is not there."""

    @abstractmethod
    def abandoned(self, name: str) -> bool:
        """Whether no process writes to the segment any more; False also when it is not on this disk."""


class RemoteStore(ABC):
    """Keeps sealed segments elsewhere. Chosen by the scheme of ``POSTROOM_STORE_URL``, and made with that URL and the
    longest time one call may take (seconds, retries included).

    Each method raises StoreUnavailable when the store does not answer as it should and StoreRefused when it does not
    let us in, after it has retried what is worth retrying.
    """

    name: ClassVar[str]
    url: str

    @abstractmethod
    def put(self, name: str, path: Path) -> None:
        """Keep the bytes of ``path``. Raises FileExistsError when the name is taken; never overwrites."""

    @abstractmethod
    def read(self, name: str, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes. Raises EOFError when the object is shorter, FileNotFoundError when missing."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Bytes of the object. Raises FileNotFoundError."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove it. Harmless when it is not there."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """Names of all segments, sorted."""
