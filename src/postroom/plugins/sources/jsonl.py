"""JSON Lines: one object a line (jsonlines.org; RFC 8259 for each line). The format to prefer for large runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from postroom.intake.spec import SourceConfig, UnreadableFile
from postroom.plugins.sources._base import HEAD, Flaw, StreamSource, Unit, open_file
from postroom.plugins.sources._strictjson import Stopped, end_of, parse_record
from postroom.plugins.sources._text import Encoding, raw_lines, text_form, too_large, undecodable


class JsonLinesConfig(SourceConfig):
    """``encoding`` is needed only for files that are not UTF-8 and carry no byte order mark."""

    encoding: Encoding | None = None


class JsonLinesSource(StreamSource):
    """Each line is a record; a line that cannot be read is set aside by itself."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson", ".jsonlines")
    media_types = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines", "application/json-lines")
    Config = JsonLinesConfig

    config: JsonLinesConfig

    @classmethod
    def recognises(cls, head: bytes) -> int:
        """Two lines that each begin with ``{``, or one complete object and a second line."""
        lines = [line for line in head.decode("utf-8-sig", "replace").splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith("{"):
            return 0
        try:
            end_of(lines[0], len(lines[0]) - len(lines[0].lstrip()))
        except Stopped:
            return 0
        return 90

    def units(self, path: Path) -> Iterator[Unit]:
        limit = self.config.max_record_bytes
        with open_file(path) as file:
            head = file.read(HEAD)
            form = text_form(head, self.config.encoding)
            encoding = form.encoding
            _refuse_one_large_value(head[form.mark :].decode(encoding, "replace"))
            for number, offset, raw, whole in raw_lines(file, form, limit):
                if not whole:
                    yield number, too_large(number, raw, form, limit)
                    continue
                try:
                    text = raw.decode(encoding)
                except UnicodeDecodeError as error:
                    yield number, undecodable(error, number, offset, form)
                    continue
                if text.isspace():
                    continue
                try:
                    yield number, parse_record(text, number)
                except Flaw as flaw:
                    flaw.raw = text
                    yield number, flaw


def _refuse_one_large_value(head: str) -> None:
    """A JSON document given as JSON Lines would be a flood of bad records; say it once instead."""
    first, *others = head.lstrip().split("\n", 1)
    if first.startswith("[") or (first.rstrip() == "{" and others):
        raise UnreadableFile(
            "The file is one JSON value over several lines, not one object a line.",
            hint="Use the source json for it, or write each object on a line of its own.",
        )
