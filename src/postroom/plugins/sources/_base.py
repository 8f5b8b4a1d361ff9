"""What the built-in sources share: how a flawed unit is told, and how units become numbered records."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from postroom.intake.spec import BadRecord, EmptyFile, Source, SourceRecord, UnreadableFile
from postroom.kernel.errors import BadInput

RAW_LIMIT = 64 * 1024
"""Bytes of ``BadRecord.raw`` in UTF-8."""

HEAD = 64 * 1024
"""Bytes looked at to learn encoding, delimiter and kind of a file."""

MAX_DEPTH = 100
"""Levels of nesting of one record. A fixed number, so that it does not depend on the stack of the caller."""


def storable(text: str, limit: int = RAW_LIMIT) -> str:
    """``text`` without what PostgreSQL refuses (U+0000, lone surrogates), cut to ``limit`` bytes of UTF-8."""
    cleaned = text[:limit].replace("\x00", "\ufffd").encode("utf-8", "replace")
    return cleaned[:limit].decode("utf-8", "ignore")


class Flaw(BadInput):
    """Why one unit cannot be read. Becomes a ``BadRecord`` when it leaves the source."""

    code = "bad-record"
    title = "A record cannot be read"

    def __init__(
        self, kind: str, reason: str, hint: str, *, raw: str = "", path: str = "$", rest_lost: bool = False
    ) -> None:
        super().__init__(reason, hint=hint)
        self.kind = kind
        self.raw = raw
        self.path = path
        self.rest_lost = rest_lost

    def bad_record(self, ordinal: int, line: int) -> BadRecord:
        """The flaw as the record of a run tells it."""
        reason = storable(self.message, 2000)
        return BadRecord(
            ordinal, line, self.kind, reason, self.hint, storable(self.raw), storable(self.path, 500), self.rest_lost
        )


Unit = tuple[int, dict[str, Any] | Flaw]
"""The line where a unit starts, and its data or what is wrong with it."""


class StreamSource(Source):
    """A source that is written as a generator of units; numbering and the empty file are settled here."""

    @abstractmethod
    def units(self, path: Path) -> Iterator[Unit]:
        """Units of the file at ``path`` in its order; nothing may follow a flaw that loses the rest."""

    def read(self, path: Path) -> Iterator[SourceRecord | BadRecord]:
        """Records of the file at ``path``, as a stream. Raises UnreadableFile at the first ``next()``."""
        ordinal = 0
        units = self.units(path)
        with closing(units):  # type: ignore[type-var]  # a generator: its file is closed when a reader stops early
            for line, unit in units:
                ordinal += 1
                if type(unit) is dict:
                    yield SourceRecord(ordinal, line, unit)
                else:
                    assert isinstance(unit, Flaw)
                    yield unit.bad_record(ordinal, line)
        if not ordinal:
            raise no_records(path)


def no_records(path: Path) -> EmptyFile:
    """The error for a file without a single record."""
    return EmptyFile(
        "The file holds no records.", hint="Check that the export that made it was complete.", path=str(path)
    )


def open_file(path: Path) -> BinaryIO:
    """The file at ``path`` for reading bytes. Raises UnreadableFile."""
    try:
        return path.open("rb", buffering=256 * 1024)
    except OSError as error:
        raise UnreadableFile(
            f"The file {path.name} cannot be opened: {error.strerror}.",
            hint="Check that it exists and that Postroom's account may read it.",
            path=str(path),
        ) from error
