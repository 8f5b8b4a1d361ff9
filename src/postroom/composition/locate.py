"""From a place on the page back to where it comes from: the slot in the source, the field in the data.

Values, words, tokens of the brand and content blocks come with a mark that names them (``marking``), and the template's
own calls with their place, so one value that several slots could show leads to its own. Fixed text has no such mark: it
is looked for in the source, and where it stands at several places, all of them are told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from postroom.composition.marking import PINNED

#: The pattern of a helper's call with the name written out.
_CALL = r'(?<![\w-])(?:{helpers})\(\s*(?:[a-z_][\w.-]*\s*,\s*)?"{name}"'
_HELPERS = {"slot": "slot|decimals|band|fact", "word": "word", "brand": "brand|brand-lines", "block": "content-block"}
_PIN = re.compile(r"@([\w.-]+):(\d+):(\d+)$")
#: Files that a page's fixed text cannot come from.
_SILENT = ("samples/", "tests/", "mail/", "texts/", "layouts/", "contract.json", "README.md", "brand.json")
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
    """``what``: slot, word, brand, block or text. ``spots``: none, the one, or all that it may be, the likeliest
    first."""

    what: str
    name: str
    spots: tuple[Spot, ...]

    @property
    def ambiguous(self) -> bool:
        """Whether the reader has to choose."""
        return len(self.spots) > 1


def source_of(mark: str, files: Mapping[str, str], language: str = "") -> Found:
    """Where a marked thing (``slot/lines.2.text``, ``word/due``, ``brand/line.sender``, ``block/terms``) is written;
    ``slot/net@main.typ:9:4`` says which of its calls it was. ``slot/net|gross`` may be either."""
    what, _, path = _PIN.sub("", mark).partition("/")
    if "|" in path:
        either = [spot for one in path.split("|") for spot in source_of(f"{what}/{one}", files, language).spots]
        return Found(what, path.partition("|")[0], tuple(dict.fromkeys(either))[:_MOST])
    here = _pin_of(mark, files)
    if what == "word":
        spots = [*_in_words(path, files, language), *([here] if here else _calls("word", path, files))]
        return Found("word", path, tuple(spots[:_MOST]))
    if here:
        return Found(what, path, (here,))
    if what in ("brand", "block"):
        return Found(what, path, tuple(_calls(what, path, files)[:_MOST]))
    steps = path.split(".")
    spots = _calls("slot", path, files)
    if not spots:  # of a row: the name within it, as in slot(row, "text"), or the list itself for a list of texts
        inner = [step for step in steps if not step.isdigit()]
        for start in range(1, len(inner)):
            spots = _calls("slot", ".".join(inner[start:]), files)
            if spots:
                break
        spots = spots or _calls("slot", ".".join(inner), files) or _in_manifest(inner, files)
    return Found("slot", path, tuple(spots[:_MOST]))


def text_source(text: str, files: Mapping[str, str], language: str = "") -> Found:
    """Where fixed text of the page is written: exactly, else as a word whose places are filled in, else what holds
    most of its words. Words of the language that is shown come alone where they say it."""
    wanted = " ".join(text.split())
    if not wanted:
        return Found("text", "", ())
    ordered = sorted(files, key=lambda name: (not name.endswith((".typ", ".html")), name))
    words = [name for name in ordered if name.startswith("words/")]
    shown = [name for name in words if name == f"words/{language}.json"]
    pages = [name for name in ordered if name not in words and not name.startswith(_SILENT)]
    pattern = r"\s+".join(re.escape(word) for word in wanted.split())
    for names in ([*pages, *shown], words):
        spots = [
            _spot(name, files[name], found.start(), found.end())
            for name in names
            for found in re.finditer(pattern, _without_remarks(name, files[name]))
        ]
        spots = spots or [spot for name in names if name in words for spot in _filled(wanted, name, files[name])]
        if spots:
            return Found("text", wanted, tuple(spots[:_MOST]))
    rest = {name: _without_remarks(name, files[name]) for name in (*pages, *(shown or words))}
    return Found("text", wanted, tuple(_nearest(wanted, rest)))


def _pin_of(mark: str, files: Mapping[str, str]) -> Spot | None:
    """The call that a mark says it was, where it still stands there: somebody may have typed since."""
    said = _PIN.search(mark)
    if said is None:
        return None
    lines = files.get(said[1], "").split("\n")
    number, column = int(said[2]), int(said[3])
    line = lines[number - 1] if number <= len(lines) else ""
    call = PINNED.match(line, column - 1)
    if call is None:
        return None
    named = re.compile(r'(?:[a-z_][\w.-]*\s*,\s*)?"([^"\n]*)"').match(line, call.end())
    path = _PIN.sub("", mark).partition("/")[2]
    if named and path != named[1] and not path.endswith(f".{named[1]}"):
        return None
    end = named.end() if named else call.end() - 1
    return Spot(said[1], number, column, end - column + 1, line.strip()[:120])


def _in_manifest(steps: list[str], files: Mapping[str, str]) -> list[Spot]:
    """Where template.yaml names the field, or the one that it is a part of: the address of the house library's letter
    and the document's title are said there and nowhere else."""
    text = files.get("template.yaml", "")
    if steps[0] == "document" and len(steps) == 2:
        section = re.search(r"^document:.*\n(?:[ #].*\n|\n)*", text, re.MULTILINE)
        found = re.compile(rf"^  {re.escape(steps[1])}:.*$", re.MULTILINE).search(
            text, *(section.span() if section else ())
        )
        return [_spot("template.yaml", text, found.start() + 2, found.end())] if section and found else []
    for end in range(len(steps), 0, -1):
        path = re.escape(".".join(steps[:end]))
        hits = list(re.finditer(rf"(?<![\w.-]){path}(?![\w.-])(?!\s*:)", text))
        if hits:
            return [_spot("template.yaml", text, hit.start(), hit.end()) for hit in hits]
    return []


def _filled(wanted: str, name: str, text: str) -> list[Spot]:
    """Words with places that say ``wanted`` once they are filled in."""
    found = []
    for word in re.finditer(r'"[\w-]+"\s*:\s*"((?:\\.|[^"\\])*\{[\w.]+\}(?:\\.|[^"\\])*)"', text):
        parts = re.split(r"\{[\w.]+\}", word[1])
        said = len("".join(parts).strip())
        if said > 2 and re.fullmatch(".+?".join(re.escape(part) for part in parts), wanted):
            found.append(_spot(name, text, word.start(1), word.end(1)))
    return found


def _without_remarks(name: str, text: str) -> str:
    """The text with what the page does not show blanked out, at the same places."""
    remark = {".typ": r"(?m)^\s*//.*$|/\*[\s\S]*?\*/", ".html": r"<!--[\s\S]*?-->|\{#[\s\S]*?#\}"}
    pattern = remark.get(name[name.rfind(".") :], "")
    return re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found[0]), text) if pattern else text


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
        group = {"word": "words", "brand": "brand", "block": "blocks"}[kind]
        dotted = re.compile(rf"\{{\{{\s*{group}\.{re.escape(name)}\b")
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
