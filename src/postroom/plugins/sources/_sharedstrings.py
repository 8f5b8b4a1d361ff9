"""The table of texts of a workbook (ECMA-376, part 1, clause 18.4): in memory up to a limit, then in a file.

A sheet of a million rows may have ten million different texts; cells name them by number in any order.
"""

from __future__ import annotations

import os
import struct
import tempfile
from typing import BinaryIO
from xml.parsers import expat

from postroom.intake.spec import UnreadableFile
from postroom.plugins.sources._excelvalues import unescaped

_OVERHEAD = 60
_CACHED = 8192


class SharedStrings:
    """Texts by number. ``memory_limit`` bytes are held, the rest lies in two unnamed files."""

    def __init__(self, memory_limit: int, text_limit: int) -> None:
        self._held: list[str] = []
        self._room = memory_limit
        self._text_limit = text_limit
        self._texts: BinaryIO | None = None
        self._places: BinaryIO | None = None
        self._spilled = 0
        self._end = 0
        self._cache: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._held) + self._spilled

    def close(self) -> None:
        """Give the files back."""
        for file in (self._texts, self._places):
            if file:
                file.close()

    def append(self, text: str) -> None:
        """Add the next text."""
        if self._texts is None:
            self._room -= len(text.encode("utf-8")) + _OVERHEAD if not text.isascii() else len(text) + _OVERHEAD
            self._held.append(text)
            if self._room < 0:
                self._texts = tempfile.TemporaryFile(prefix="postroom-")  # noqa: SIM115  # closed by close()
                self._places = tempfile.TemporaryFile(prefix="postroom-")  # noqa: SIM115
            return
        assert self._places is not None
        encoded = text.encode("utf-8")
        self._texts.write(encoded)
        self._places.write(struct.pack("<QI", self._end, len(encoded)))
        self._end += len(encoded)
        self._spilled += 1

    def finish(self) -> None:
        """All texts are there; reading may begin."""
        for file in (self._texts, self._places):
            if file:
                file.flush()

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        if number < len(self._held):
            return self._held[number]
        found = self._cache.get(number)
        if found is not None:
            return found
        if self._texts is None or self._places is None or number >= len(self):
            raise IndexError(number)
        place = os.pread(self._places.fileno(), 12, (number - len(self._held)) * 12)
        start, length = struct.unpack("<QI", place)
        text = os.pread(self._texts.fileno(), length, start).decode("utf-8")
        if len(self._cache) >= _CACHED:
            self._cache.clear()
        if length < 1024:
            self._cache[number] = text
        return text

    def handlers(self, parser: expat.XMLParserType) -> None:
        """Let ``parser``, run over the part, fill the table. Readings (``rPh``) beside a text are left out."""
        parts: list[str] = []
        inside = reading = False
        size = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside, reading, size
            local = name.rpartition(":")[2]
            if local == "t":
                inside = not reading
            elif local == "si":
                parts.clear()
                size = 0
            elif local == "rPh":
                reading = True

        def end(name: str) -> None:
            nonlocal inside, reading
            local = name.rpartition(":")[2]
            if local == "t":
                inside = False
            elif local == "rPh":
                reading = False
            elif local == "si":
                self.append(unescaped("".join(parts)))

        def text(data: str) -> None:
            nonlocal size
            if inside:
                size += len(data)
                if size > self._text_limit:
                    raise UnreadableFile(
                        f"A text of the workbook is longer than {self._text_limit:,} characters.",
                        hint="Excel allows 32,767. Save the sheet again from Excel or LibreOffice.",
                    )
                parts.append(data)

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
