"""Text files as streams: which encoding, where lines end, and what to say of bytes that are not text.

Lines are cut as bytes and decoded one by one, so that a bad byte spoils its own line only and a line of
two gigabytes without an end never gets into memory.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from pydantic import AfterValidator

from postroom.intake.spec import UnreadableFile
from postroom.plugins.sources._base import Flaw
from postroom.plugins.sources._magic import binary_kind

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE = {"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8"}
_CHUNK = 64 * 1024


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
        b"".decode(name)  # refuses codecs that are no text encodings, such as rot13 and base64
        found = codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"There is no text encoding {name!r}; use a name such as utf-8, cp1252 or utf-16.") from error
    if found in ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"):
        raise ValueError(f"{name!r} is no encoding of text files; use a name such as utf-8 or cp1252.")
    return _BARE.get(found, found)


Encoding = Annotated[str, AfterValidator(_known_encoding)]
"""A Python name of a text encoding, checked and made canonical."""


@dataclass(frozen=True, slots=True)
class TextForm:
    """How the text of a file is written: ``mark`` is the length of the byte order mark."""

    encoding: str
    mark: int
    newline: bytes


def text_form(head: bytes, encoding: str | None) -> TextForm:
    """The form of a text file that begins with ``head``. A byte order mark wins over the option, which wins over
    UTF-8. Raises UnreadableFile when the file is not text.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return TextForm(name, len(mark), _newline(head[len(mark) :], name))
    name = encoding or "utf-8"
    wide = name.startswith(("utf-16", "utf-32"))
    kind = None if wide else binary_kind(head)
    if kind:
        raise UnreadableFile(f"The file is {kind[0]}, not text.", hint=kind[1])
    return TextForm(name, 0, _newline(head, name))


def _newline(head: bytes, encoding: str) -> bytes:
    text = head.decode(encoding, "replace")
    ending = "\r" if "\r" in text and "\n" not in text else "\n"
    return ending.encode(encoding)


RawLine = tuple[int, int, bytes, bool]
"""Number from 1, byte offset in the file, bytes with their line end, and whether these are all bytes of the line."""


def raw_lines(file: BinaryIO, form: TextForm, limit: int) -> Iterator[RawLine]:
    """Lines of ``file``; of a line longer than ``limit`` bytes only the beginning, and the rest is passed over."""
    file.seek(form.mark)
    if form.newline != b"\n":
        yield from _other_lines(file, form, limit)
        return
    offset, number, room = form.mark, 0, limit + 1
    readline = file.readline
    while raw := readline(room):
        number += 1
        if len(raw) < room or raw.endswith(b"\n"):
            yield number, offset, raw, True
            offset += len(raw)
            continue
        start, offset = offset, offset + len(raw)
        while rest := readline(_CHUNK):
            offset += len(rest)
            if rest.endswith(b"\n"):
                break
        yield number, start, raw, False


def _other_lines(file: BinaryIO, form: TextForm, limit: int) -> Iterator[RawLine]:
    """Lines that end with something else than the byte ``\\n``: wide encodings, EBCDIC, old Mac files."""
    newline, unit = form.newline, len(form.newline)
    offset, number, kept, length = form.mark, 0, bytearray(), 0  # length: bytes of this line so far
    buffer = b""
    while chunk := file.read(_CHUNK):
        buffer += chunk
        start = 0
        while True:
            found = buffer.find(newline, start)
            while found >= 0 and (length + found - start) % unit:  # not on the border of a character
                found = buffer.find(newline, found + 1)
            if found < 0:
                break
            stop = found + unit
            kept += buffer[start : min(stop, start + max(0, limit + unit - len(kept)))]
            length += stop - start
            number += 1
            yield number, offset, bytes(kept), length <= limit + unit
            offset, length = offset + length, 0
            kept.clear()
            start = stop
        tail = len(buffer) - start
        taken = tail - (length + tail) % unit if unit > 1 else tail  # a half character waits for its other half
        kept += buffer[start : start + min(taken, max(0, limit + unit - len(kept)))]
        length += taken
        buffer = buffer[start + taken :]
    length += len(buffer)
    kept += buffer
    if length:
        yield number + 1, offset, bytes(kept), length <= limit + unit


def too_large(number: int, raw: bytes, form: TextForm, limit: int, what: str = "line") -> Flaw:
    """The flaw of a line longer than a record may be."""
    return Flaw(
        "too-large",
        f"The {what} {number} is longer than {limit:,} bytes.",
        "Check that the file has line ends; if records are really that large, raise the option max_record_bytes.",
        raw=raw.decode(form.encoding, "replace"),
    )


def undecodable(error: UnicodeDecodeError, number: int, offset: int, form: TextForm) -> Flaw:
    """The flaw of a line (at byte ``offset``) with bytes that are not of the encoding, with what they probably are."""
    raw: bytes = error.object
    byte = raw[error.start]
    where = f"Line {number}, byte offset {offset + error.start}"
    flaw = f"{where}: the byte 0x{byte:02X} is not {form.encoding.upper()} ({error.reason})"
    guess = _probable(raw) if form.encoding == "utf-8" else None
    if guess:
        char = raw[error.start : error.start + 1].decode(guess, "replace")
        reason = f'{flaw}; the text is probably {guess}, where it reads "{char}".'
        hint = f'Set the option encoding to "{guess}", or export the file as UTF-8.'
    else:
        reason, hint = f"{flaw}.", "Export the file as UTF-8, or set the option encoding to what it is."
    return Flaw("not-decodable", reason, hint, raw=raw.decode(form.encoding, "replace"))


def _probable(raw: bytes) -> str | None:
    """cp1252 or latin-1 when the bytes make sense as that; None when UTF-8 was just cut or garbled."""
    high = [byte for byte in raw if byte >= 0x80]
    if any(0x80 <= byte < 0xA0 for byte in high):
        try:
            raw.decode("cp1252")
        except UnicodeDecodeError:
            return None
        return "cp1252"
    return "cp1252" if b"\xef\xbf\xbd" not in raw else None
