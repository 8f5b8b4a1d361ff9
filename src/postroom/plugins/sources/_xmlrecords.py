"""Elements become records while the parser runs: no tree, so memory holds one record at a time.

Why expat and not lxml: expat says the line of every element (libxml2 guesses beyond line 65,535), tells of a document
type declaration before anything in it counts, and its names are freed with the parser.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from postroom.intake.spec import UnreadableFile
from postroom.plugins.sources._base import MAX_DEPTH, Flaw, Unit

EXPAT_NAMES = {"iso8859-1": "ISO-8859-1", "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE", "ascii": "US-ASCII"}


def guarded_parser(encoding: str | None) -> expat.XMLParserType:
    """An expat parser that refuses document types, and with them entities, bombs and files from elsewhere."""
    parser = expat.ParserCreate(EXPAT_NAMES.get(encoding, encoding) if encoding else None)
    parser.buffer_text = True
    parser.buffer_size = 64 * 1024
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(name: str, system_id: str | None, public_id: str | None, internal: bool) -> None:
    raise UnreadableFile(
        f"The file declares a document type (<!DOCTYPE {name[:100]} ...>), which Postroom does not read.",
        hint="Export it without DOCTYPE. Document types can define entities that fill the memory or read other files.",
    )


class _Frame:
    """One open element of a record: what it has collected so far. Most are leaves, so dict and list come late."""

    __slots__ = ("data", "origins", "text")

    def __init__(self) -> None:
        self.data: dict[str, Any] | None = None
        self.text: list[str] | None = None  # joined at the end: adding up strings is quadratic in mixed content
        self.origins: dict[str, str] | None = None


class RecordBuilder:
    """Handlers of an expat parser. Finished units gather in ``units``.

    ``record`` is the local or full name of the record element; ``below_root`` takes only children of the root.
    ``raw_since`` gives the text of the file from a byte offset to here, for flawed records.
    """

    def __init__(
        self,
        parser: expat.XMLParserType,
        *,
        record: str,
        below_root: bool,
        lists: frozenset[str],
        drop_prefixes: bool,
        limit: int,
        raw_since: Callable[[int], str],
    ) -> None:
        self.units: list[Unit] = []
        self.root = ""
        self._parser = parser
        self._record = record
        self._below_root = below_root
        self._lists = lists
        self._drop = drop_prefixes
        self._limit = limit
        self._raw_since = raw_since
        self._stack: list[_Frame] = []
        self._outside = 0  # depth of open elements that are not inside a record
        self._inside = 0  # depth of open elements inside a record that is passed over
        self._line = 0
        self.record_start = -1
        self._flaw: Flaw | None = None
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def give_up_record(self, flaw: Flaw) -> None:
        """Pass over what is left of the open record; at its end comes ``flaw``."""
        if self._flaw is None:
            flaw.raw = self._raw_since(self.record_start)
            self._flaw = flaw
        self._inside = max(self._inside, len(self._stack))
        self._stack.clear()

    def too_large(self) -> Flaw:
        """The flaw of a record beyond the limit."""
        return Flaw(
            "too-large",
            f"The <{self._record}> of line {self._line} is longer than {self._limit:,} bytes.",
            "Check the option record; if records are really that large, raise the option max_record_bytes.",
        )

    def _start(self, name: str, attributes: list[str]) -> None:
        if self._inside:
            self._inside += 1
            return
        stack = self._stack
        if not stack:
            self.root = self.root or name
            if not self._is_record(name):
                self._outside += 1
                return
            self._line = self._parser.CurrentLineNumber
            self.record_start = self._parser.CurrentByteIndex
            self._flaw = None
        elif len(stack) >= MAX_DEPTH:
            stack.append(_Frame())
            self.give_up_record(
                Flaw("too-deep", f"The record is nested deeper than {MAX_DEPTH} levels.", "Make its structure flatter.")
            )
            return
        frame = _Frame()
        stack.append(frame)
        if attributes:
            self._take_attributes(frame, attributes)

    def _is_record(self, name: str) -> bool:
        if self._below_root and self._outside != 1:
            return False
        return self._record in (name, name.rpartition(":")[2])

    def _take_attributes(self, frame: _Frame, attributes: list[str]) -> None:
        data: dict[str, Any] = {}
        for index in range(0, len(attributes), 2):
            name = attributes[index]
            if name == "xmlns" or name.startswith("xmlns:"):
                continue
            key = "@" + (name.rpartition(":")[2] if self._drop else name)
            if key in data:
                self._flaw = self._flaw or self._ambiguous(key)
            data[key] = attributes[index + 1]
        frame.data = data or None

    def _ambiguous(self, name: str) -> Flaw:
        return Flaw(
            "duplicate-key",
            f'Line {self._parser.CurrentLineNumber}: "{name}" stands for two names that differ in their prefix only.',
            "Set the option drop_namespaces to false.",
        )

    def _text(self, text: str) -> None:
        if self._stack:
            frame = self._stack[-1]
            if frame.text is None:
                frame.text = [text]
            else:
                frame.text.append(text)

    def _end(self, name: str) -> None:
        if self._inside:
            self._inside -= 1
            if not self._inside:
                self._finish(None)
            return
        stack = self._stack
        if not stack:
            self._outside -= 1
            return
        frame = stack.pop()
        value = _value(frame)
        if not stack:
            self._finish(value)
            return
        parent = stack[-1]
        data = parent.data
        if data is None:
            data = parent.data = {}
        key = name
        if self._drop:
            key = name.rpartition(":")[2]
            if parent.origins is None:
                parent.origins = {}
            if parent.origins.setdefault(key, name) != name:
                self._flaw = self._flaw or self._ambiguous(key)
        if key in data:
            before = data[key]
            if type(before) is list:
                before.append(value)
            else:
                data[key] = [before, value]
        elif key in self._lists:
            data[key] = [value]
        else:
            data[key] = value

    def _finish(self, value: Any) -> None:
        flaw = self._flaw
        if flaw is None and self._parser.CurrentByteIndex - self.record_start > self._limit:
            flaw = self.too_large()
        if flaw is not None:
            flaw.raw = flaw.raw or self._raw_since(self.record_start)
            self.units.append((self._line, flaw))
        else:
            if type(value) is not dict:
                value = {} if value is None else {"#text": value}
            self.units.append((self._line, value))
        self._flaw = None
        self.record_start = -1


def _value(frame: _Frame) -> Any:
    data, text = frame.data, "".join(frame.text) if frame.text else ""
    if not data:
        return text if text and not text.isspace() else None
    if text and not text.isspace():
        data["#text"] = text.strip()
    elif len(data) == 1:
        (key, value), *_ = data.items()
        if key in ("@nil", "@xsi:nil") and value in ("true", "1"):
            return None
    return data
