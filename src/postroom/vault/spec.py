"""What a store of segments must do. The built-in one is ``postroom.plugins.stores.local``; S3 comes by the same door.

The vault decides the format; a store only keeps named byte strings that grow at the end and are never changed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
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
