"""The style sheet of a mail, written into its tags: mail programs that drop ``<style>`` still show the mail as meant.

Done once with the template's source, not with each mail: Jinja's own marks are put aside as single signs, so nothing
but start tags is touched, and a colour may be ``{{ brand.colours.accent }}``. Rules of tags, classes and ids, beside or
inside one another (``.sheet td``, ``.sheet > p``), are written in; what a tag cannot carry (``@media``, ``:hover``)
stays in the sheet, which stays too. A sheet with conditions (``{% if .. %}``) is left as it is, because what holds for
one document does not for the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: The tags that a content block becomes (``blocks.to_html``), with what they stand in.
BLOCK_TAGS = {"p": (), "ul": (), "ol": (), "li": ("ul",), "strong": ("p",), "em": ("p",), "a": ("p",)}

_MARKS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FIRST = 0x100000  # of Unicode's second private area: nobody types these
_BLOCK = re.compile(r"\{\{-?\s*blocks(?:\.([A-Za-z_]\w*)|\[[\"']([\w-]+)[\"']\])\s*-?\}\}")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_NEVER = frozenset(("html", "head", "title", "style", "script", "meta", "link", "base"))
_CLOSED_BY_ITS_LIKE = frozenset(("p", "li", "td", "th", "tr"))
_COMPOUND = re.compile(r"(\*|[a-z][a-z0-9]*)?((?:[.#][A-Za-z_][\w-]*)*)")
_STYLE = re.compile(r"""(\sstyle\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"""((?:[^;"'(]|"[^"]*"|'[^']*'|\([^)]*\))+)""")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag on the way down to the one that is asked about."""

    name: str
    id: str = ""
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One selector with its declarations. ``steps``: (only directly below, name, ids, classes), outermost first."""

    steps: tuple[tuple[bool, str, frozenset[str], frozenset[str]], ...]
    declarations: tuple[tuple[str, str, bool], ...]
    order: int

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """Which of two rules wins: ids, then classes, then tags, then what comes later."""
        ids = sum(len(one[2]) for one in self.steps)
        classes = sum(len(one[3]) for one in self.steps)
        return ids, classes, sum(one[1] not in ("", "*") for one in self.steps), self.order


@dataclass(slots=True)
class Inlined:
    """A source with its styles in its tags. ``blocks``: for each content block that it shows, the style of each tag of
    it, as the block is text of its own that is put in later."""

    source: str
    blocks: dict[str, dict[str, str]] = field(default_factory=dict)


def inlined(source: str) -> Inlined:
    """The source of ``mail/body.html`` with the rules of its ``<style>`` in its tags."""
    marks: list[str] = []

    def aside(found: re.Match[str]) -> str:
        marks.append(found[0])
        return chr(_FIRST + len(marks) - 1)

    if any(ord(sign) >= _FIRST for sign in source):
        return Inlined(source)
    bare = _MARKS.sub(aside, source)
    sheets = _Sheets()
    sheets.feed(bare)
    sheets.close()
    rules: list[Rule] = []
    for sheet in sheets.found:
        if not any(marks[ord(sign) - _FIRST].startswith("{%") for sign in sheet if ord(sign) >= _FIRST):
            rules += read_rules(sheet, len(rules))
    if not rules:
        return Inlined(source)
    writer = _Writer(bare, rules, marks)
    writer.feed(bare)
    writer.close()

    def back(text: str) -> str:
        return "".join(marks[ord(sign) - _FIRST] if ord(sign) >= _FIRST else sign for sign in text)

    return Inlined(
        back(writer.written()),
        {key: {tag: back(style) for tag, style in styles.items()} for key, styles in writer.blocks.items()},
    )


def read_rules(sheet: str, first: int = 0) -> list[Rule]:
    """The rules of a style sheet that a tag can carry, in their order."""
    text = re.sub(r"/\*.*?\*/|<!--|-->", " ", sheet, flags=re.DOTALL)
    rules: list[Rule] = []
    at = 0
    while found := re.compile(r"[{;]").search(text, at):
        head = text[at : found.start()].strip()
        if found[0] == ";":  # @import and the like
            at = found.end()
            continue
        end = _block_end(text, found.end())
        if not head.startswith("@"):
            declared = _declarations(text[found.end() : end])
            for selector in head.split(","):
                if (steps := _steps(selector)) and declared:
                    rules.append(Rule(steps, declared, first + len(rules)))
        at = end + 1
    return rules


def style_of(path: Sequence[Tag], rules: Sequence[Rule], own: str = "") -> str:
    """What the last tag of ``path`` carries: the rules that meet it, the weakest first, its own style, and what is
    important. A property that is set again later is left out earlier."""
    met = sorted((rule for rule in rules if _meets(rule.steps, path)), key=lambda rule: rule.weight)
    plain = [(name, value) for rule in met for name, value, important in rule.declarations if not important]
    strong = [(name, value) for rule in met for name, value, important in rule.declarations if important]
    mine = [(name, value + (" !important" if important else "")) for name, value, important in _declarations(own)]
    kept: dict[str, str] = {}
    for name, value in (*plain, *mine, *strong):
        kept.pop(name, None)  # the last one stands last, after a shorthand that would undo it
        kept[name] = value
    return ";".join(f"{name}:{value}" for name, value in kept.items())


def _block_end(text: str, at: int) -> int:
    """Where the block that was opened before ``at`` ends."""
    depth = 1
    for place in range(at, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if not depth:
            return place
    return len(text)


def _declarations(text: str) -> tuple[tuple[str, str, bool], ...]:
    found = []
    for one in _DECLARATION.findall(text):
        name, colon, value = one.partition(":")
        if colon and name.strip() and value.strip():
            bare = re.sub(r"\s*!\s*important\s*$", "", value.strip(), flags=re.IGNORECASE)
            found.append((name.strip().lower(), bare, bare != value.strip()))
    return tuple(found)


def _steps(selector: str) -> tuple[tuple[bool, str, frozenset[str], frozenset[str]], ...]:
    """The steps of a selector; none where it asks for more than tags, classes and ids."""
    steps = []
    directly = False
    for word in re.sub(r"\s*>\s*", " > ", selector.strip()).split():
        if word == ">":
            directly = True
            continue
        met = _COMPOUND.fullmatch(word)
        if met is None or not word:
            return ()
        named = re.findall(r"([.#])([\w-]+)", met[2])
        ids = frozenset(name for kind, name in named if kind == "#")
        steps.append((directly, met[1] or "", ids, frozenset(name for kind, name in named if kind == ".")))
        directly = False
    return () if directly else tuple(steps)


def _meets(steps: Sequence[tuple[bool, str, frozenset[str], frozenset[str]]], path: Sequence[Tag]) -> bool:
    if not steps:
        return True
    if not path:
        return False
    directly, name, ids, classes = steps[-1]
    here = path[-1]
    if name not in ("", "*", here.name) or not ids <= {here.id} or not classes <= here.classes:
        return False
    if directly:
        return _meets(steps[:-1], path[:-1]) if len(steps) > 1 and len(path) > 1 else False
    return len(steps) == 1 or any(_meets(steps[:-1], path[:end]) for end in range(len(path) - 1, 0, -1))


class _Sheets(HTMLParser):
    """Collects the text of ``<style>`` without ``media``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "style" and not dict(attrs).get("media")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)


class _Writer(HTMLParser):
    """Goes through the source and writes the style of each start tag; all else is left byte for byte."""

    def __init__(self, source: str, rules: Sequence[Rule], marks: Sequence[str]) -> None:
        super().__init__(convert_charrefs=False)
        self.blocks: dict[str, dict[str, str]] = {}
        self._source, self._rules, self._marks = source, rules, marks
        self._lines = [0, *(found.end() for found in re.finditer("\n", source))]
        self._path: list[Tag] = []
        self._parts: list[str] = []
        self._done = 0

    def written(self) -> str:
        return "".join((*self._parts, self._source[self._done :]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _CLOSED_BY_ITS_LIKE and self._path and self._path[-1].name == tag:
            self._path.pop()
        said: Mapping[str, str | None] = dict(attrs)
        self._path.append(Tag(tag, said.get("id") or "", frozenset((said.get("class") or "").split())))
        raw = self.get_starttag_text() or ""
        if tag not in _NEVER and raw:
            own = _STYLE.search(raw)
            style = style_of(self._path, self._rules, own[2].strip("\"'") if own else "")
            line, column = self.getpos()
            start = self._lines[line - 1] + column
            if style:
                self._parts += [self._source[self._done : start], _with(raw, style, own)]
                self._done = start + len(raw)
        if tag in _VOID:
            self._path.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._path.pop()

    def handle_endtag(self, tag: str) -> None:
        at = next((at for at in reversed(range(len(self._path))) if self._path[at].name == tag), -1)
        if at >= 0:
            del self._path[at:]

    def handle_data(self, data: str) -> None:
        for sign in data:
            found = _BLOCK.fullmatch(self._marks[ord(sign) - _FIRST]) if ord(sign) >= _FIRST else None
            if found:
                styles = {
                    tag: style_of([*self._path, *map(Tag, inside), Tag(tag)], self._rules)
                    for tag, inside in BLOCK_TAGS.items()
                }
                self.blocks.setdefault(found[1] or found[2], {tag: one for tag, one in styles.items() if one})


def _with(raw: str, style: str, own: re.Match[str] | None) -> str:
    """A start tag with this style. Quotation marks in it become single ones, as the attribute is in double ones."""
    said = style.replace('"', "'")
    if own:
        return f'{raw[: own.start()]} style="{said}"{raw[own.end() :]}'
    end = len(raw) - (2 if raw.endswith("/>") else 1)
    return f'{raw[:end].rstrip()} style="{said}"{raw[end:]}'
