"""What a source of records must do. Built-in sources live in ``postroom.plugins.sources``.

A source SHALL read as a stream: memory stays flat in the size of the file.
A source SHALL number what it yields from 1 in the order of the file, and yield the same records in the same
order each time it reads the same bytes (a run resumes by skipping what it has committed).
A source SHALL yield a ``BadRecord`` for each unit that cannot be read and go on where the format allows it;
where it cannot go on, it yields one last ``BadRecord`` with ``rest_lost=True`` and stops.
A source SHALL raise ``UnreadableFile`` before the first record when the file as a whole cannot be used.
A source SHALL keep numbers exact: JSON numbers with a fraction come as ``decimal.Decimal``, never as float.
A source SHALL yield only text that can be stored: no U+0000 and no lone surrogates (PostgreSQL refuses both).
A source SHALL raise ``EmptyFile`` when the file holds no record at all, a bad one included.

``postroom.testing.sources.SourceContract`` checks these sentences for any source.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from postroom.kernel.errors import BadInput


class UnreadableFile(BadInput):
    """The file as a whole cannot be used as a source of records."""

    code = "unreadable-file"
    title = "This file cannot be read"


class EmptyFile(UnreadableFile):
    """The file holds no records: no bytes, only white space, only a header, an empty list."""

    code = "empty-file"
    title = "This file holds no records"


class SourceConfig(BaseModel):
    """Options common to all sources; a source subclasses it with its own. Unknown options are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_record_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One unit of input as it came: ``ordinal`` counts from 1, ``line`` is where it starts in the file (1-based)."""

    ordinal: int
    line: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BadRecord:
    """One unit that could not be read. ``raw`` keeps what was there (at most 64 KiB, undecodable bytes replaced).

    ``reason`` says what and where (line, column, byte offset), ``hint`` what to do next; ``code`` is one of
    ``not-decodable``, ``not-well-formed``, ``not-an-object``, ``duplicate-key``, ``not-a-number``, ``not-storable``,
    ``too-deep``, ``too-large``, ``ragged-row``, ``group``, ``cell-error`` or a plugin's own.
    """

    ordinal: int
    line: int
    code: str
    reason: str
    hint: str
    raw: str
    path: str = "$"
    rest_lost: bool = False


class Source(ABC):
    """Turns a file into records."""

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    media_types: ClassVar[tuple[str, ...]]
    Config: ClassVar[type[SourceConfig]] = SourceConfig

    def __init__(self, config: SourceConfig | None = None) -> None:
        self.config = config or self.Config()

    @abstractmethod
    def read(self, path: Path) -> Iterator[SourceRecord | BadRecord]:
        """Records of the file at ``path``, as a stream. Raises UnreadableFile at the first ``next()``."""

    @classmethod
    def recognises(cls, head: bytes) -> int:
        """How surely the first bytes of a file (64 KiB, or all of it) are of this format: 0 is no, 100 is certain.

        Asked only when neither the name nor the media type of the file decides.
        """
        return 0
