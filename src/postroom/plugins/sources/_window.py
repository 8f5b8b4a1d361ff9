"""A window that slides over a JSON text: knows line and column, and never holds more than one record and a chunk.

Why not an event parser: ijson tells neither line nor column, replaces half surrogate pairs by ``?`` without a
word, and cannot go on after a record that is well-formed and unusable. The scanner of the standard library, set
on the start of each element, does all three and is about as fast.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, BinaryIO, NoReturn

from postroom.plugins.sources._base import Flaw
from postroom.plugins.sources._strictjson import Stopped, end_of, scan
from postroom.plugins.sources._text import TextForm

_CHUNK = 256 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR_END = re.compile(r"[,\]} \t\r\n]")
_OUTSIDE = re.compile(r'["{}\[\]]')
_INSIDE = re.compile(r'["\\]')


class Window:
    """``text[at:]`` is what has been read and not yet used."""

    def __init__(self, file: BinaryIO, form: TextForm, limit: int) -> None:
        file.seek(form.mark)
        self._file = file
        self._form = form
        self._limit = limit
        self._decoder = codecs.getincrementaldecoder(form.encoding)("strict")
        self._offset = form.mark
        self._undecodable: Flaw | None = None
        self._ended = False
        self.text = ""
        self.at = 0
        self.last_value = (0, 0)
        """Where the last value lay in ``text``, until the next ``fill``."""
        self._line = 1
        self._column = 1  # of the character at ``_counted``
        self._counted = 0

    def fill(self) -> bool:
        """Read another chunk; False at the end. Raises Flaw when what follows is not text of the encoding."""
        if self._undecodable:
            raise self._undecodable
        if self._ended:
            return False
        self.line()
        if self.at:
            self.text = self.text[self.at :]
            self._counted -= self.at
            self.at = 0
        chunk = self._file.read(_CHUNK)
        self._ended = not chunk
        self._offset += len(chunk)
        try:
            fresh = self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            whole: bytes = error.object
            fresh = whole[: error.start].decode(self._form.encoding, "ignore")
            self._undecodable = self._not_text(error, self._offset - len(whole) + error.start)
        self.text += fresh
        return True

    def _not_text(self, error: UnicodeDecodeError, offset: int) -> Flaw:
        whole: bytes = error.object
        around = whole[max(0, error.start - 200) : error.start + 200]
        guess = ' It is probably "cp1252".' if self._form.encoding == "utf-8" else ""
        return Flaw(
            "not-decodable",
            f"Byte offset {offset}: the byte 0x{whole[error.start]:02X} is not {self._form.encoding.upper()} "
            f"({error.reason}).{guess}",
            "Export the file as UTF-8, or set the option encoding to what it is.",
            raw=around.decode(self._form.encoding, "replace"),
            rest_lost=True,
        )

    def line(self) -> int:
        """The line of the next character, counted from 1."""
        return self._place(self.at)[0]

    def _place(self, position: int) -> tuple[int, int]:
        """Line and column of ``position``; forgets what lies before ``at``."""
        if self._counted < self.at:
            self._line, self._column = self._count(self.at)
            self._counted = self.at
        return self._count(position)

    def _count(self, position: int) -> tuple[int, int]:
        newlines = self.text.count("\n", self._counted, position)
        if newlines:
            return self._line + newlines, position - self.text.rfind("\n", self._counted, position)
        return self._line, self._column + position - self._counted

    def peek(self) -> str:
        """The next character that is not white space, without using it; empty at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            assert found is not None  # the pattern matches nothing, too
            self.at = found.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.fill():
                return ""

    def broken(self, reason: str, position: int | None = None) -> NoReturn:
        """Raise the flaw that ends the file here."""
        line, column = self._place(self.at if position is None else position)
        raise Flaw(
            "not-well-formed",
            f"Line {line}, column {column}: {reason}.",
            "The rest of the file cannot be read. Correct it there, or write the records as JSON Lines, "
            "where a bad line costs that line only.",
            raw=self.text[self.at : self.at + 65536],
            rest_lost=True,
        )

    def take(self, wanted: str, reason: str) -> None:
        """Use up the character ``wanted``. Raises Flaw when something else comes."""
        if self.peek() != wanted:
            self.broken(reason if self.peek() else f"the file ends too early; {reason}")
        self.at += 1

    def value(self) -> Any:
        """The next value, used up. Raises Flaw; without ``rest_lost`` the value is used up all the same."""
        if not self.peek():
            self.broken("the file ends where a value should come")
        while True:
            try:
                value, end = scan(self.text, self.at)
            except Flaw as flaw:
                self._pass_over(flaw)
                raise
            except Stopped as stop:
                ahead = stop.position - self.at  # growing moves ``at``
                if stop.ran_out and len(self.text) - self.at > self._limit:
                    oversize = self._too_large()
                    self.skip()
                    raise oversize from stop
                if not stop.ran_out or not self._grow():
                    self.broken(stop.reason, self.at + ahead)
                continue
            if end == len(self.text) and not self._ended and value.__class__ not in (dict, list, str):
                self._grow()  # 12 may be the beginning of 123
                continue
            if end - self.at > self._limit:
                oversize = self._too_large()
                self.at = end
                raise oversize
            self.last_value = (self.at, end)
            self.at = end
            return value

    def _grow(self) -> bool:
        """Double what is held, so that a large value is scanned a few times only."""
        size = len(self.text) - self.at
        while self.fill():
            if len(self.text) - self.at >= 2 * size:
                return True
        return len(self.text) - self.at > size

    def _too_large(self) -> Flaw:
        return Flaw(
            "too-large",
            f"Line {self.line()}: the record is longer than {self._limit:,} characters.",
            "If records are really that large, raise the option max_record_bytes.",
            raw=self.text[self.at : self.at + 65536],
        )

    def _pass_over(self, flaw: Flaw) -> None:
        """Use up a value that is JSON and cannot be used."""
        try:
            end = end_of(self.text, self.at)
        except Stopped:
            flaw.raw = self.text[self.at : self.at + 65536]
            self.skip()
            return
        flaw.raw = self.text[self.at : min(end, self.at + 65536)]
        self.at = end

    def skip(self) -> None:
        """Use up the next value of any size, looking at its quotes and brackets only."""
        first = self.peek()
        if first not in ('"', "{", "["):
            self._skip_to(_SCALAR_END)
            return
        depth = 0
        while True:
            if self.peek() == '"' and (depth == 0 or self.text[self.at] == '"'):
                self._skip_string()
            else:
                self._skip_to(_OUTSIDE)
                if self.text[self.at] == '"':
                    continue
                depth += 1 if self.text[self.at] in "{[" else -1
                self.at += 1
            if depth == 0:
                return

    def _skip_string(self) -> None:
        self.at += 1
        while True:
            self._skip_to(_INSIDE)
            if self.text[self.at] == '"':
                self.at += 1
                return
            self.at += 2  # the backslash and what it escapes, which may lie in the next chunk
            while self.at > len(self.text):
                lacking = self.at - len(self.text)
                self.at = len(self.text)
                if not self.fill():
                    self.broken("the file ends in the middle of a value")
                self.at += lacking

    def _skip_to(self, pattern: re.Pattern[str]) -> None:
        while True:
            found = pattern.search(self.text, self.at)
            if found:
                self.at = found.start()
                return
            self.at = len(self.text)
            if not self.fill():
                if pattern is _SCALAR_END:
                    return
                self.broken("the file ends in the middle of a value")
