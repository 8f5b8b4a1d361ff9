"""JSON documents (RFC 8259): a list of objects, one object, or an object that holds the list somewhere.

Read as a stream, one element at a time. For large runs JSON Lines is the better format: there a broken line
costs one record, here it costs all that follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from postroom.intake.spec import SourceConfig, UnreadableFile
from postroom.plugins.sources._base import HEAD, Flaw, StreamSource, Unit, no_records, open_file
from postroom.plugins.sources._strictjson import not_an_object
from postroom.plugins.sources._text import Encoding, text_form
from postroom.plugins.sources._window import Window


class JsonConfig(SourceConfig):
    """``records`` is the dotted path of the list in an object, such as ``invoices`` or ``data.items``."""

    records: str = ""
    encoding: Encoding | None = None


class JsonSource(StreamSource):
    """Each element of the list is a record; an object without the option ``records`` is one record."""

    name = "json"
    suffixes = (".json",)
    media_types = ("application/json", "text/json")
    Config = JsonConfig

    config: JsonConfig

    @classmethod
    def recognises(cls, head: bytes) -> int:
        """The first character that is not white space opens an object or a list."""
        return 60 if head.decode("utf-8-sig", "replace").lstrip()[:1] in ("{", "[") else 0

    def units(self, path: Path) -> Iterator[Unit]:
        with open_file(path) as file:
            form = text_form(file.read(HEAD), self.config.encoding)
            window = Window(file, form, self.config.max_record_bytes)
            try:
                yield from self._document(window, path)
            except Flaw as flaw:  # only flaws that end the file get here; elements settle their own
                flaw.rest_lost = True
                yield window.line(), flaw

    def _document(self, window: Window, path: Path) -> Iterator[Unit]:
        steps = [step for step in self.config.records.split(".") if step]
        first = window.peek()
        if not first:
            raise no_records(path)
        if first == "[" and not steps:
            yield from _elements(window)
        elif first == "[":
            raise UnreadableFile(
                f'The file is a list, but the option records says "{self.config.records}".',
                hint="Leave the option records out for this file.",
            )
        elif first == "{" and steps:
            yield from _list_at(window, steps, self.config.records)
        elif first == "{":
            yield from _single(window)
        else:
            raise UnreadableFile(
                f'The file begins with "{first}", so it is not a list or an object of JSON.',
                hint="A JSON file begins with [ or {. Check that this is the right file and the right source.",
            )
        if window.peek():
            window.broken("there is more text after the end of the document")


def _elements(window: Window) -> Iterator[Unit]:
    window.take("[", "expecting [")
    if window.peek() == "]":
        window.at += 1
        return
    while True:
        window.peek()
        line = window.line()
        try:
            value = window.value()
            if type(value) is dict:
                yield line, value
            else:
                flaw = not_an_object(value, line)
                flaw.raw = window.text[slice(*window.last_value)]
                yield line, flaw
        except Flaw as unusable:
            if unusable.rest_lost:
                raise
            yield line, unusable
        follows = window.peek()
        if follows == ",":
            window.at += 1
        elif follows == "]":
            window.at += 1
            return
        else:
            window.broken("expecting , or ] after an element" if follows else "the file ends in the middle of the list")


def _list_at(window: Window, steps: list[str], option: str) -> Iterator[Unit]:
    """The elements of the list at ``steps`` below the object that comes next; the rest must be well-formed."""
    names: list[str] = []
    found = False
    window.take("{", "expecting {")
    while window.peek() != "}":
        if window.peek() != '"':
            window.broken("expecting a name in double quotes")
        name = window.value()
        names.append(name[:60])
        del names[20:]
        window.take(":", "expecting : after a name")
        if name != steps[0]:
            _over(window)
        elif found:
            window.broken(f'the name "{name}" occurs twice in one object')
        else:
            found = True
            wanted = "[" if len(steps) == 1 else "{"
            if window.peek() != wanted:
                raise UnreadableFile(
                    f'What the option records="{option}" names is not {"a list" if wanted == "[" else "an object"} '
                    f'at "{name}" (line {window.line()}).',
                    hint="Set records to the dotted path of the list of records, such as data.items.",
                )
            yield from _elements(window) if len(steps) == 1 else _list_at(window, steps[1:], option)
        if window.peek() == ",":
            window.at += 1
            if window.peek() == "}":
                window.broken("expecting a name after the comma")
        elif window.peek() != "}":
            window.broken("expecting , or } after a value")
    window.at += 1
    if not found:
        raise UnreadableFile(
            f'There is no list at records="{option}": "{steps[0]}" is missing.',
            hint=f"The names there are: {', '.join(names) or 'none'}.",
        )


def _over(window: Window) -> None:
    """Pass over a value beside the list; what it holds does not matter."""
    try:
        window.value()
    except Flaw as flaw:
        if flaw.rest_lost:
            raise


def _single(window: Window) -> Iterator[Unit]:
    line = window.line()
    try:
        value = window.value()
    except Flaw as flaw:
        if flaw.kind == "too-large":
            raise UnreadableFile(
                "The file is one object, larger than a record may be.",
                hint="If it holds a list of records, name it by the option records, such as records=invoices.",
            ) from flaw
        if flaw.rest_lost:
            raise
        yield line, flaw
        return
    if window.peek() == "{":
        raise UnreadableFile(
            f"A second object begins on line {window.line()} after the first: the file is JSON Lines.",
            hint="Use the source jsonl for it.",
        )
    yield line, value
