"""The parts of an Excel workbook (ECMA-376, part 1, clause 12) that matter: sheets, text table, date formats.

A workbook is a ZIP archive from a stranger, so sizes are checked before anything is unpacked.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from postroom.intake.spec import UnreadableFile
from postroom.plugins.sources._base import no_records, open_file
from postroom.plugins.sources._excelvalues import style_kinds
from postroom.plugins.sources._magic import binary_kind
from postroom.plugins.sources._xmlrecords import guarded_parser

CHUNK = 64 * 1024
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError)
_DIRECTORY_LIMIT = 4 * 1024 * 1024
_SMALL_PART = 64 * 1024 * 1024
_RATIO_COUNTS_FROM = 16 * 1024 * 1024


class Workbook:
    """An open workbook. Raises UnreadableFile for what is not one, or would unpack beyond the limits."""

    def __init__(self, path: Path, *, max_unpacked: int, max_ratio: int) -> None:
        self._max_unpacked = max_unpacked
        self._max_ratio = max_ratio
        self._file = open_file(path)
        try:
            _refuse_other_files(self._file, path)
            try:
                self._zip = zipfile.ZipFile(self._file)
            except BROKEN_ZIP as error:
                raise _damaged(str(error)) from error
            self._read_structure()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def has(self, part: str) -> bool:
        """Whether the archive holds ``part``."""
        return part in self._zip.NameToInfo

    def sheet(self, wanted: str) -> str:
        """The part that holds the sheet ``wanted``, or the first visible one. Raises UnreadableFile."""
        names = ", ".join(name for name, _, _ in self.sheets)
        for name, part, visible in self.sheets:
            if name == wanted or (not wanted and visible):
                return part
        raise UnreadableFile(
            f'The workbook has no sheet "{wanted}".' if wanted else "The workbook has no visible sheet.",
            hint=f"Its sheets are: {names[:500] or 'none'}.",
        )

    @contextmanager
    def open(self, part: str) -> Iterator[BinaryIO]:
        """Stream of the bytes of ``part``. Raises UnreadableFile when it is beyond the limits."""
        try:
            info = self._zip.getinfo(part)
        except KeyError as error:
            raise _damaged(f"the part {part} is missing") from error
        if info.flag_bits & 1:
            raise UnreadableFile("The workbook is encrypted.", hint="Save it without a password.")
        ratio = info.file_size / max(1, info.compress_size)
        if info.file_size > self._max_unpacked:
            raise UnreadableFile(
                f"The part {part} of the workbook unpacks to {info.file_size:,} bytes (limit {self._max_unpacked:,}).",
                hint="Save the sheet as CSV, or raise the option max_unpacked_bytes.",
            )
        if ratio > self._max_ratio and info.file_size > _RATIO_COUNTS_FROM:
            raise UnreadableFile(
                f"The part {part} of the workbook unpacks to {ratio:,.0f} times its size, as ZIP bombs do.",
                hint="Save the sheet as CSV; if the file is surely good, raise the option max_ratio.",
            )
        with self._zip.open(info) as stream:
            yield stream  # type: ignore[misc]  # zipfile types it as IO[bytes], which is all that is used

    def parse(self, part: str, prepare: Callable[[expat.XMLParserType], None]) -> None:
        """Run the handlers that ``prepare`` sets over all of ``part``. Raises UnreadableFile."""
        parser = guarded_parser(None)
        parser.ordered_attributes = False
        prepare(parser)
        try:
            with self.open(part) as stream:
                while chunk := stream.read(CHUNK):
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
        except (*BROKEN_ZIP, expat.ExpatError) as error:
            raise _damaged(f"the part {part}: {error}") from error

    def _read_structure(self) -> None:
        root = self._targets("_rels/.rels", "")
        workbook = next((part for kind, part in root.values() if kind == "officeDocument"), "xl/workbook.xml")
        if workbook.endswith(".bin"):
            raise UnreadableFile("The file is a binary workbook (.xlsb).", hint="Save it as .xlsx.")
        if not self.has(workbook) or not posixpath.basename(workbook).startswith("workbook"):
            kind = "an OpenDocument file" if self.has("mimetype") else "a ZIP archive, but no Excel workbook"
            raise UnreadableFile(f"The file is {kind}.", hint="Save the table as .xlsx or as CSV.")
        folder = posixpath.dirname(workbook)
        links = self._targets(f"{folder}/_rels/{posixpath.basename(workbook)}.rels", folder)
        self.sheets: list[tuple[str, str, bool]] = []
        self.since_1904 = False

        def start(name: str, attributes: dict[str, str]) -> None:
            local = name.rpartition(":")[2]
            if local == "workbookPr":
                self.since_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif local == "sheet":
                link = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                kind, part = links.get(link, ("", ""))
                if kind == "worksheet":
                    self.sheets.append(
                        (attributes.get("name", ""), part, attributes.get("state", "visible") == "visible")
                    )

        self.parse(workbook, lambda parser: setattr(parser, "StartElementHandler", start))
        parts = dict(links.values())
        self.strings = parts.get("sharedStrings", "")
        self.date_styles = self._styles(parts.get("styles", ""))

    def _targets(self, part: str, folder: str) -> dict[str, tuple[str, str]]:
        """Relationships (ECMA-376, part 2, clause 6.5): id -> (last word of the type, part)."""
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name.rpartition(":")[2] == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                whole = (
                    target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                )
                found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], whole)

        if self.has(part):
            self._refuse_large(part)
            self.parse(part, lambda parser: setattr(parser, "StartElementHandler", start))
        return found

    def _styles(self, part: str) -> dict[str, str]:
        """Style number (as written in cells) -> what its number format shows: date, time, moment, span."""
        formats: dict[int, str] = {}
        used: list[int] = []
        inside = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            local = name.rpartition(":")[2]
            if local == "cellXfs":
                inside = True
            elif local == "numFmt":
                formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif local == "xf" and inside:
                used.append(_number(attributes.get("numFmtId")))

        def end(name: str) -> None:
            nonlocal inside
            if name.rpartition(":")[2] == "cellXfs":
                inside = False

        def prepare(parser: expat.XMLParserType) -> None:
            parser.StartElementHandler = start
            parser.EndElementHandler = end

        if self.has(part):
            self._refuse_large(part)
            self.parse(part, prepare)
        return style_kinds(used, formats)

    def _refuse_large(self, part: str) -> None:
        if self._zip.getinfo(part).file_size > _SMALL_PART:
            raise _damaged(f"the part {part} is unreasonably large")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def _damaged(what: str) -> UnreadableFile:
    return UnreadableFile(
        f"The workbook is damaged: {what}.",
        hint="Open it in Excel or LibreOffice, let it repair the file, and save it again.",
    )


def _refuse_other_files(file: BinaryIO, path: Path) -> None:
    head = file.read(CHUNK)
    if not head.strip():
        raise no_records(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in head + _tail(file):
            raise UnreadableFile("The workbook is protected with a password.", hint="Save it without a password.")
        raise UnreadableFile(
            "The file is an old Excel workbook (.xls) or another old Office file.", hint="Save it as .xlsx."
        )
    if not head.startswith(b"PK\x03\x04"):
        kind = binary_kind(head)
        raise UnreadableFile(
            f"The file is {kind[0] if kind else 'text'}, not an Excel workbook (.xlsx).",
            hint=kind[1] if kind else "If it is CSV, use the source csv for it.",
        )
    if _directory_size(_tail(file)) > _DIRECTORY_LIMIT:
        raise UnreadableFile("The archive has far more parts than a workbook has.", hint="Save the sheet as CSV.")
    file.seek(0)


def _tail(file: BinaryIO) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - 1024 * 1024))
    return file.read()


def _directory_size(tail: bytes) -> int:
    """Size of the ZIP directory as its end record tells it (PKWARE APPNOTE 6.3, sections 4.3.14 and 4.3.16).

    zipfile loads all of it, about ten times as large in memory, before one can ask.
    """
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        return 0
    large = tail.rfind(b"PK\x06\x06", 0, end)
    sizes = [struct.unpack_from("<I", tail, end + 12)[0]]
    if large >= 0 and large + 56 <= len(tail):
        sizes = [struct.unpack_from("<Q", tail, large + 40)[0], sizes[0] if sizes[0] != 0xFFFFFFFF else 0]
    return int(max(sizes))
