"""From a place on the page back to where it comes from: the slot in the source, the field in the data.

Values are found exactly. A second, unseen layout of the same page has a house library that puts a link around whatever
comes from data, words or the brand (``marked_library``), so each box on the page says its path and its row. Fixed text
has no such mark: it is looked for in the source, and where it stands at several places, all of them are told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from postroom.composition.preview_bench import MARK

_RENAMED = ("slot", "word", "band", "decimals", "brand", "brand-lines")
_MARKING = """
#let _mark(what, body) = if body == [] { body } else { link("%s" + what, body) }
#let _path(args) = {
  let first = args.at(0)
  if args.len() == 1 { return first }
  if type(first) == dictionary { first.at("_at", default: "") + "." + args.at(1) } else { "" }
}
#let slot(..args) = {
  let at = args.pos()
  if at.len() == 1 and type(at.at(0)) == content { return at.at(0) }
  _mark("slot/" + _path(at), _bare-slot(..args))
}
#let decimals(..args) = _mark("slot/" + _path(args.pos().slice(0, -1)), _bare-decimals(..args))
#let word(key, ..places) = _mark("word/" + key, _bare-word(key, ..places))
#let brand(path) = {
  let value = _bare-brand(path)
  if type(value) == content { _mark("brand/" + path, value) } else { value }
}
#let brand-lines(path) = _bare-brand-lines(path).map(line => _mark("brand/" + path, line))
#let band(..args) = {
  let args = args.pos()
  let each = args.pop()
  let rows = _get(args)
  if rows == none { return () }
  let base = _path(args)
  rows.enumerate().map(((index, row)) => {
    let here = base + "." + str(index)
    if type(row) == str { each(_mark("slot/" + here, [#row])) }
    else if type(row) == dictionary { each(row + (_at: here)) }
    else { each(row) }
  })
}
"""
#: The pattern of a helper's call with the name written out.
_CALL = r'(?<![\w-])(?:{helpers})\(\s*(?:[a-z_][\w.-]*\s*,\s*)?"{name}"'
_HELPERS = {"slot": "slot|decimals|band|fact", "word": "word", "brand": "brand|brand-lines", "block": "content-block"}
_MOST = 20


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file of the template; ``line`` and ``column`` from 1."""

    file: str
    line: int
    column: int
    length: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """``what``: slot, word, brand, text or house (the house library's own). ``spots``: none, the one, or all that it
    may be, the likeliest first."""

    what: str
    name: str
    spots: tuple[Spot, ...]

    @property
    def ambiguous(self) -> bool:
        """Whether the reader has to choose."""
        return len(self.spots) > 1


def marked_library(library: bytes) -> bytes:
    """The core of the house library, saying what stands where. The layout stays: a link has no look of its own."""
    text = library.decode()
    for name in _RENAMED:
        text = re.sub(rf"^#let {name}\(", f"#let _bare-{name}(", text, flags=re.MULTILINE)
    return (text + _MARKING % MARK).encode()


def source_of(mark: str, files: Mapping[str, str], language: str = "") -> Found:
    """Where a marked thing (``slot/lines.2.text``, ``word/due``, ``brand/line.sender``) is written."""
    what, _, path = mark.partition("/")
    if what == "word":
        spots = [*_in_words(path, files, language), *_calls("word", path, files)]
        return Found("word", path, tuple(spots[:_MOST]))
    if what == "brand":
        return Found("brand", path, tuple(_calls("brand", path, files)[:_MOST]))
    steps = path.split(".")
    spots = _calls("slot", path, files)
    if not spots:  # of a row: the name within it, as in slot(row, "text"), or the list itself for a list of texts
        inner = [step for step in steps if not step.isdigit()]
        for start in range(1, len(inner)):
            spots = _calls("slot", ".".join(inner[start:]), files)
            if spots:
                break
        spots = spots or _calls("slot", ".".join(inner), files)
    return Found("slot", path, tuple(spots[:_MOST]))


def text_source(text: str, files: Mapping[str, str], language: str = "") -> Found:
    """Where fixed text of the page is written: exactly, else what holds most of its words."""
    wanted = " ".join(text.split())
    if not wanted:
        return Found("text", "", ())
    ordered = sorted(files, key=lambda name: (not name.endswith((".typ", ".html")), name != f"words/{language}.json"))
    pages = [name for name in ordered if not name.startswith(("samples/", "tests/", "mail/"))]
    pattern = r"\s+".join(re.escape(word) for word in wanted.split())
    spots = [
        _spot(name, files[name], found.start(), found.end())
        for name in pages
        for found in re.finditer(pattern, files[name])
    ]
    if spots:
        return Found("text", wanted, tuple(spots[:_MOST]))
    return Found("text", wanted, tuple(_nearest(wanted, {name: files[name] for name in pages})))


def _nearest(wanted: str, files: Mapping[str, str]) -> list[Spot]:
    """The lines that share most words with ``wanted``; at least half of them."""
    words = set(re.findall(r"\w{3,}", wanted.casefold()))
    if not words:
        return []
    scored: list[tuple[float, Spot]] = []
    for name, text in files.items():
        start = 0
        for line in text.splitlines(keepends=True):
            share = len(words & set(re.findall(r"\w{3,}", line.casefold()))) / len(words)
            if share >= 0.5:
                bare = line.rstrip("\n")
                scored.append((share, _spot(name, text, start, start + len(bare))))
            start += len(line)
    best = max((share for share, _ in scored), default=0.0)
    return [spot for share, spot in scored if share == best][:_MOST]


def _calls(kind: str, name: str, files: Mapping[str, str]) -> list[Spot]:
    pattern = re.compile(_CALL.format(helpers=_HELPERS[kind], name=re.escape(name)))
    if kind == "slot":  # the HTML and Word lanes name the path itself
        dotted = re.compile(rf"\{{\{{\s*(?:view\.|[a-z_]+\.)?{re.escape(name)}\b")
    else:
        dotted = re.compile(rf"\{{\{{\s*words\.{re.escape(name)}\b")
    return [
        _spot(file, text, found.start(), found.end())
        for file, text in sorted(files.items(), key=lambda one: (one[0] != "main.typ", one[0]))
        if file.endswith((".typ", ".html")) and not file.startswith("mail/")
        for found in (pattern if file.endswith(".typ") else dotted).finditer(text)
    ]


def _in_words(key: str, files: Mapping[str, str], language: str) -> list[Spot]:
    name = f"words/{language}.json"
    found = re.search(rf'"{re.escape(key)}"\s*:\s*("(?:\\.|[^"\\])*")', files.get(name, ""))
    return [_spot(name, files[name], found.start(1) + 1, found.end(1) - 1)] if found else []


def _spot(name: str, text: str, start: int, end: int) -> Spot:
    line = text.count("\n", 0, start) + 1
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    whole = text[begin : stop if stop >= 0 else len(text)].strip()
    return Spot(name, line, start - begin + 1, end - start, whole[:120])


def line_of(text: str, path: str) -> int:
    """The line of a sample where a JSON path such as ``$.lines[2].amount`` stands, or its nearest outer value."""
    at = _past_space(text, 0)
    try:
        for name, number in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
            found = _member(text, at, name) if name else _item(text, at, int(number))
            if found < 0:
                break
            at = found
    except (ValueError, IndexError):  # no JSON just now: the nearest place found so far
        pass
    return text.count("\n", 0, at) + 1


_DECODER = json.JSONDecoder()


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _member(text: str, at: int, name: str) -> int:
    """Where the value of a member of the object that begins at ``at`` begins; -1 when there is none."""
    if text[at] != "{":
        return -1
    at = _past_space(text, at + 1)
    while text[at] == '"':
        key, at = _DECODER.raw_decode(text, at)
        at = _past_space(text, _past_space(text, at) + 1)
        if key == name:
            return at
        _, at = _DECODER.raw_decode(text, at)
        at = _past_space(text, at)
        if text[at] != ",":
            break
        at = _past_space(text, at + 1)
    return -1


def _item(text: str, at: int, number: int) -> int:
    """Where the item of that number of the list that begins at ``at`` begins; -1 when there is none."""
    if text[at] != "[":
        return -1
    at = _past_space(text, at + 1)
    for _ in range(number):
        _, at = _DECODER.raw_decode(text, at)
        at = _past_space(text, at)
        if text[at] != ",":
            return -1
        at = _past_space(text, at + 1)
    return at
