"""XML (1.0, fifth edition): the records are elements of one name, in a file of any size.

Attributes come as ``@name``; the text of an element is its value, or ``#text`` beside attributes and children.
Elements that repeat become lists, and those named by the option ``lists`` always. An element that is empty or
holds only white space is null. All values are text. Document types are refused, so no entity can be defined.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from postroom.intake.spec import SourceConfig, UnreadableFile
from postroom.plugins.sources._base import HEAD, Flaw, StreamSource, Unit, no_records, open_file
from postroom.plugins.sources._text import Encoding, text_form
from postroom.plugins.sources._xmlrecords import RecordBuilder, guarded_parser

_CHUNK = 64 * 1024
_NAMES_SHOWN = 20
_NOTHING = "*"  # no element has this name


class XmlConfig(SourceConfig):
    """``record`` names the record element (anywhere, the outermost counts); without it, it is the child of the root
    that repeats, or the only one. ``lists`` names elements that are lists even when they come once.
    ``drop_namespaces`` takes the prefix off every name. ``encoding`` overrules the XML declaration.
    """

    record: str = ""
    lists: tuple[str, ...] = ()
    drop_namespaces: bool = False
    encoding: Encoding | None = None


class XmlSource(StreamSource):
    """Each element of the record's name is a record."""

    name = "xml"
    suffixes = (".xml",)
    media_types = ("application/xml", "text/xml")
    Config = XmlConfig

    config: XmlConfig

    @classmethod
    def recognises(cls, head: bytes) -> int:
        """An XML declaration, or a tag at the very beginning."""
        for encoding in ("utf-8-sig", "utf-16"):
            text = head[:1000].decode(encoding, "replace").lstrip()
            if text.startswith("<?xml"):
                return 95
            if text.startswith("<") and text[1:2].isalpha() and not text[:6].lower().startswith("<html"):
                return 50
        return 0

    def units(self, path: Path) -> Iterator[Unit]:
        with open_file(path) as file:
            self._look(file.read(HEAD), path)
            file.seek(0)
            record = self.config.record or _repeated_child(file, self.config.encoding, path)
            file.seek(0)
            yield from self._parse(file, record)

    def _look(self, head: bytes, path: Path) -> None:
        form = text_form(head, self.config.encoding)
        text = head[form.mark :].decode(form.encoding, "replace").lstrip()
        if not text:
            raise no_records(path)
        if not text.startswith("<"):
            raise UnreadableFile(
                f'The file begins with "{text[:20]}", so it is not XML.',
                hint="An XML file begins with <. Check that this is the right file and the right source.",
            )

    def _parse(self, file: BinaryIO, record: str) -> Iterator[Unit]:
        limit = self.config.max_record_bytes
        parser = guarded_parser(self.config.encoding)
        held, held_from, fed = b"", 0, 0

        def raw_since(start: int) -> str:
            begin = max(0, start - held_from)
            return held[begin : begin + _CHUNK].decode(self.config.encoding or "utf-8", "replace")

        builder = RecordBuilder(
            parser,
            record=record,
            below_root=not self.config.record,
            lists=frozenset(self.config.lists),
            drop_prefixes=self.config.drop_namespaces,
            limit=limit,
            raw_since=raw_since,
        )
        any_record = False
        while True:
            chunk = file.read(_CHUNK)
            held, held_from = held[-_CHUNK:] + chunk, fed - len(held[-_CHUNK:])
            fed += len(chunk)
            flaw: Flaw | None = None
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                flaw = self._broken(error, held[max(0, parser.ErrorByteIndex - held_from) :])
                if not builder.root:
                    raise UnreadableFile(
                        f"The file is not XML. {flaw.message}",
                        hint="Check that this is the right file and the right source.",
                    ) from error
            except (LookupError, ValueError) as error:  # pyexpat's words for an encoding it cannot read
                raise UnreadableFile(
                    f"The encoding of the file cannot be read as XML: {error}.", hint="Convert the file to UTF-8."
                ) from error
            yield from builder.units
            any_record = any_record or bool(builder.units)
            builder.units.clear()
            if flaw is None and fed - parser.CurrentByteIndex > limit + _CHUNK:
                flaw = Flaw(
                    "too-large",
                    f"Line {parser.CurrentLineNumber}: a tag or comment is longer than {limit:,} bytes.",
                    "Check the file there; the rest of it cannot be read.",
                    raw=raw_since(0),
                )
            if flaw is not None:
                flaw.rest_lost = True
                yield parser.CurrentLineNumber, flaw
                return
            if builder.record_start >= 0 and fed - builder.record_start > limit + _CHUNK:
                builder.give_up_record(builder.too_large())
            if not chunk:
                break
        if not any_record and self.config.record:
            raise UnreadableFile(
                f"The file holds no element <{record}>; its root is <{builder.root[:100]}>.",
                hint="Set the option record to the name of the elements that are records.",
            )

    def _broken(self, error: expat.ExpatError, rest: bytes) -> Flaw:
        where = f"Line {error.lineno}, column {error.offset + 1}"
        raw = rest[:_CHUNK].decode(self.config.encoding or "utf-8", "replace")
        if rest[:1] >= b"\x80" and error.code == _INVALID_TOKEN:
            return Flaw(
                "not-decodable",
                f"{where}: the byte 0x{rest[0]:02X} is not of the declared encoding (UTF-8 if none is declared).",
                'Correct the encoding in the first line, or set the option encoding, often "cp1252".',
                raw=raw,
            )
        return Flaw(
            "not-well-formed",
            f"{where}: {expat.ErrorString(error.code)}.",
            "The rest of the file cannot be read. Correct it there and send it again.",
            raw=raw,
        )


_INVALID_TOKEN = 4  # XML_ERROR_INVALID_TOKEN of expat.h


class _Found(Exception):
    """The element that repeats is known; the rest need not be looked at."""


def _repeated_child(file: BinaryIO, encoding: str | None, path: Path) -> str:
    """The child of the root that comes twice first, or the only one. Raises UnreadableFile."""
    parser = guarded_parser(encoding)
    depth = 0
    names: dict[str, int] = {}
    repeated = ""

    def start(name: str, attributes: list[str]) -> None:
        nonlocal depth, repeated
        depth += 1
        if depth == 2:
            names[name] = names.get(name, 0) + 1
            if names[name] == 2 or len(names) > 1000:
                repeated = name if names[name] == 2 else ""
                raise _Found

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk, False)
    except _Found:
        pass
    except (expat.ExpatError, LookupError, ValueError):
        if not names:
            return _NOTHING  # the real reading tells what is wrong, and where
    if repeated:
        return repeated
    if len(names) == 1:
        return next(iter(names))
    if not names:
        if depth:
            return _NOTHING  # cut off before the first child
        raise no_records(path)
    raise UnreadableFile(
        "No child of the root element repeats, so it is not clear which elements are the records.",
        hint=f"Set the option record to one of: {', '.join(list(names)[:_NAMES_SHOWN])}; or to the root's own name.",
    )
