"""Rows of a CSV file, with a way back to order after a quote that was never closed."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator

from postroom.intake.spec import UnreadableFile
from postroom.plugins.sources._base import Flaw
from postroom.plugins.sources._table import Row
from postroom.plugins.sources._text import RawLine, TextForm, too_large, undecodable

_UNCLOSED = "unexpected end of data"


class _Feed:
    """Gives ``csv.reader`` line after line and keeps those of the row in work, so that they can be read again."""

    def __init__(self, lines: Iterator[RawLine], form: TextForm, limit: int) -> None:
        self._lines = lines
        self._again: deque[RawLine] = deque()
        self._form = form
        self._limit = limit
        self.taken: list[RawLine] = []
        self.flaw: Flaw | None = None
        self.size = 0

    def begin(self) -> None:
        self.taken.clear()
        self.flaw = None
        self.size = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        number, offset, raw, whole = line
        self.taken.append(line)
        self.size += len(raw)
        if not whole:
            raise too_large(number, raw, self._form, self._limit)
        if self.size > self._limit:
            raise Flaw(
                "too-large",
                f"The row that begins on line {self.taken[0][0]} is longer than {self._limit:,} bytes.",
                'A double quote (") was probably opened and never closed in that line.',
            )
        try:
            text = raw.decode(self._form.encoding)
        except UnicodeDecodeError as error:  # the row goes on, so that an open quote still finds its end
            self.flaw = self.flaw or undecodable(error, number, offset, self._form)
            return raw.decode(self._form.encoding, "replace")
        if "\x00" in text:
            what = f"Line {number} holds the character U+0000."
            self.flaw = self.flaw or Flaw("not-storable", what, "Remove it from the file.")
        return text

    def decoded(self, lines: list[RawLine]) -> Iterator[str]:
        """The lines as text, one after the other. Raises UnicodeDecodeError."""
        for _, _, raw, _ in lines:
            yield raw.decode(self._form.encoding)

    def push_back(self, lines: list[RawLine]) -> None:
        self._again.extendleft(reversed(lines))

    def text_of(self, lines: list[RawLine]) -> str:
        """The lines as text, enough of them for ``BadRecord.raw``."""
        parts: list[str] = []
        size = 0
        for _, _, raw, _ in lines:
            parts.append(raw.decode(self._form.encoding, "replace"))
            size += len(raw)
            if size > 65536:
                break
        return "".join(parts)


class CsvRows:
    """Reads the header first, then the rows."""

    def __init__(self, lines: Iterator[RawLine], form: TextForm, delimiter: str, limit: int) -> None:
        # The limit of the csv module is one for the process and 128 KiB; ours, kept by _Feed, is what counts.
        csv.field_size_limit(max(csv.field_size_limit(), limit))
        self._feed = _Feed(lines, form, limit)
        self._reader = csv.reader(self._feed, delimiter=delimiter, strict=True)
        self._delimiter = delimiter
        self.header_line = 1

    def header(self) -> list[str]:
        """Names of the columns from the first row that is not blank. Raises UnreadableFile."""
        while True:
            self._feed.begin()
            try:
                row = next(self._reader)
            except StopIteration:
                return []
            except (csv.Error, Flaw) as error:
                line = self._feed.taken[0][0]
                raise UnreadableFile(
                    f"The header on line {line} cannot be read: {error}.".replace("..", "."),
                    hint=error.hint if isinstance(error, Flaw) else "Check the quotes in the first line.",
                ) from error
            if not _blank(row):
                self.header_line = self._feed.taken[0][0]
                return row

    def rows(self, width: int) -> Iterator[Row]:
        """The rows below the header, each with ``width`` values or a flaw."""
        feed, reader = self._feed, self._reader
        begin, taken = feed.begin, feed.taken
        while True:
            begin()
            try:
                row = next(reader)
            except StopIteration:
                return
            except (csv.Error, Flaw) as error:
                yield self._recover(error, width)
                continue
            line, flaw = taken[0][0], feed.flaw
            if _blank(row):
                if flaw is None:
                    continue
            elif len(row) != width:
                flaw = flaw or Flaw(
                    "ragged-row",
                    f"Line {line} has {len(row)} values where the header names {width}.",
                    f'Check for a missing or surplus "{self._delimiter}", or put quotes around a value that holds one.',
                )
            yield Row(line, [value or None for value in row], feed.size, self._raw, flaw)

    def _raw(self) -> str:
        return self._feed.text_of(self._feed.taken)

    def _recover(self, error: csv.Error | Flaw, width: int) -> Row:
        """The bad row at which reading stopped.

        A quote that is opened and not closed swallows rows up to the next quote. They are given back only when
        each is a whole row by the book (RFC 4180) and something follows the quote that cannot follow it; at the
        end of the file they may just as well be the inside of a value that was cut off, and text from inside a
        value must never become a record. Each line is read again once at most, so the cost stays linear.
        """
        feed = self._feed
        lines = list(feed.taken)
        raw, size = feed.text_of(lines), feed.size
        first, last = lines[0][0], lines[-1][0]
        span = f"Line {first}" if first == last else f"Lines {first} to {last}"
        hint = 'Put quotes around the whole value, and write a quote inside a value as "".'
        if str(error) == _UNCLOSED:
            reason = f"{span}: a double quote is opened in line {first} and never closed."
            return Row(first, [], size, lambda: raw, Flaw("not-well-formed", reason, hint, rest_lost=True))
        if first != last and self._are_whole_rows(lines[1:], width):
            feed.push_back(lines[1:])
            raw = feed.text_of(lines[:1])
            reason = f"Line {first}: a double quote is opened and not closed."
            return Row(first, [], len(lines[0][2]), lambda: raw, Flaw("not-well-formed", reason, hint))
        if isinstance(error, Flaw):
            error.rest_lost = first != last  # inside an open quote nobody knows where the next row begins
            return Row(first, [], size, lambda: raw, error)
        return Row(first, [], size, lambda: raw, Flaw("not-well-formed", f"{span}: {error}.", hint))

    def _are_whole_rows(self, lines: list[RawLine], width: int) -> bool:
        field = rf'(?:"[^"]*(?:""[^"]*)*"|[^"{re.escape(self._delimiter)}\r\n]*)'
        row = re.compile(rf"{field}(?:{re.escape(self._delimiter)}{field}){{{width - 1}}}\r?\n?")
        try:
            return all(row.fullmatch(text) for text in self._feed.decoded(lines))
        except UnicodeDecodeError:
            return False


def _blank(row: list[str]) -> bool:
    return not row or (len(row) == 1 and not row[0].strip())
