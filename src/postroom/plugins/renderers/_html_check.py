"""What an HTML page may hold, told before it is published, with file and line.

The engine runs no scripts and the fetcher hands out nothing foreign; these rules are there so that an author learns at
once what would be missing on the page, rather than from a document that cannot be made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import TemplateSyntaxError

from postroom.composition.spec import Field, Pages, Problem, called, sandbox, sign_advice, suggestion
from postroom.plugins.renderers._html_page import PAGE_FILTERS, page_environment
from postroom.plugins.renderers._shown_blocks import blocks_in, blocks_of, told_of_block, unseen_passages

_REFUSED = {
    "script": "A printed page runs none; use conditions of the template.",
    "iframe": "A page shows only its own content.",
    "object": "Use <img> with a file of assets/.",
    "embed": "Use <img> with a file of assets/.",
    "base": "Files are named as they stand in the template.",
    "form": "Paper cannot be filled in; draw lines.",
    "input": "Paper cannot be filled in; draw lines.",
    "video": "Use <img> with a file of assets/.",
    "audio": "Paper is silent.",
}
_LINKS = ("src", "href", "data", "poster", "xlink:href", "srcset", "background")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_URL = re.compile(r"url\(\s*(['\"]?)(?P<to>.*?)\1\s*\)|@import\s+(['\"])(?P<import>.*?)\3", re.IGNORECASE | re.DOTALL)
_FACE = re.compile(r"@font-face", re.IGNORECASE)
_FAMILY = re.compile(r"font-family\s*:\s*(?P<names>[^;}]+)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_GENERIC = frozenset({"serif", "sans-serif", "monospace", "inherit", "initial", "unset"})
_PICTURE = re.compile(r"data:image/(png|jpeg);base64,", re.IGNORECASE)
_HINT = "A page shows only files of the template: assets/logo.svg, codes/pay.svg, style.css."


def check(pages: Pages) -> list[Problem]:
    """The faults of main.html and the stylesheets."""
    problems: list[Problem] = []
    for name in sorted(pages.files):
        if not name.endswith((".html", ".css")) or "/" in name:
            continue
        try:
            source = pages.files[name].decode("utf-8")
        except UnicodeDecodeError:
            problems.append(Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8."))
            continue
        if name.endswith(".css"):
            problems += _style(pages, name, source, 1)
            problems += _signs(pages, name, _COMMENT.sub(_blank, source), 1)
        else:
            problems += [*_jinja(pages, name, source), *_markup(pages, name, source)]
    return problems


def _jinja(pages: Pages, name: str, source: str) -> list[Problem]:
    try:
        tree = page_environment().parse(source)
    except TemplateSyntaxError as error:
        return [Problem(name, error.lineno, f"{error.message}.", "See the syntax of Jinja2.")]
    codes = Field("object", fields={key: Field("structure") for key in pages.manifest.codes})
    names = {**sandbox.PAGE_NAMES, "view": pages.root, "codes": codes, "blocks": blocks_of(pages.manifest)}
    guard = sandbox.Guard("Pages", names, pages.words, PAGE_FILTERS, shows=True)
    told = [told_of_block(problem, pages.manifest) for problem in sandbox.faults(name, tree, guard)]
    return [*told, *unseen_passages(pages.manifest, name, {key for key, _ in blocks_in(tree)})]


class _Markup(HTMLParser):
    """Reads tags with their lines; Jinja's own marks were blanked out before."""

    def __init__(self, pages: Pages, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pages, self.name = pages, name
        self.problems: list[Problem] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        self._style = tag == "style"
        if tag in _REFUSED:
            self.problems.append(Problem(self.name, line, f"The page holds <{tag}>.", _REFUSED[tag]))
        for key, value in attrs:
            said = (value or "").strip()
            if key.startswith("on"):
                hint = "A printed page runs no scripts."
                self.problems.append(Problem(self.name, line, f"The page holds the handler {key!r}.", hint))
            elif key == "style":
                self.problems += _style(self.pages, self.name, said, line)
            elif key == "href" and tag == "a":
                if not said.lower().startswith(("https:", "http:", "mailto:", "tel:", "#")) and said.strip("\x00"):
                    hint = "Use https:, mailto:, tel: or #place."
                    self.problems.append(Problem(self.name, line, f"A link leads to {said[:80]!r}.", hint))
            elif key in _LINKS:
                self.problems += _asked(self.pages, self.name, line, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._style = False

    def handle_data(self, data: str) -> None:
        line = self.getpos()[0]
        if self._style:
            self.problems += _style(self.pages, self.name, data, line)
            data = _COMMENT.sub(_blank, data)
        self.problems += _signs(self.pages, self.name, data, line)


def _markup(pages: Pages, name: str, source: str) -> list[Problem]:
    reader = _Markup(pages, name)
    reader.feed(_JINJA.sub(_marked, source))
    reader.close()
    return reader.problems


def _blank(found: re.Match[str]) -> str:
    return "\n" * found.group().count("\n")


def _marked(found: re.Match[str]) -> str:
    """A value is a sign that no author writes, so that an address with one in it is known; the rest is nothing."""
    return ("\x00" if found.group().startswith("{{") else "") + _blank(found)


def _style(pages: Pages, name: str, source: str, first: int) -> Iterator[Problem]:
    css = _COMMENT.sub(_blank, source)
    for found in _URL.finditer(css):
        yield from _asked(pages, name, first + css.count("\n", 0, found.start()), found["to"] or found["import"] or "")
    for found in _FACE.finditer(css):
        hint = "Name the font under fonts: in template.yaml; fonts come from the locked set."
        yield Problem(name, first + css.count("\n", 0, found.start()), "The page brings a font of its own.", hint)
    for found in _FAMILY.finditer(css):
        for family in found["names"].replace("!important", "").split(","):
            plain = family.strip().strip("'\"")
            if plain and plain not in pages.manifest.fonts and plain not in _GENERIC and "\x00" not in plain:
                line = first + css.count("\n", 0, found.start())
                hint = suggestion(plain, pages.manifest.fonts)
                yield Problem(name, line, f"template.yaml names no font {plain!r}.", hint)


def _asked(pages: Pages, name: str, line: int, said: str) -> Iterator[Problem]:
    """Complaints about a file that is named; one whose name a value decides is judged when it is asked for."""
    if "\x00" in said or not said or said.startswith("#") or _PICTURE.match(said):
        return
    if said.startswith("codes/"):
        symbol = said.removeprefix("codes/").removesuffix(".svg")
        if symbol not in pages.manifest.codes:
            what = f"template.yaml declares no code {symbol!r}."
            yield Problem(name, line, what, suggestion(symbol, pages.manifest.codes))
    elif said.startswith("brand/") and ".." not in said:
        return  # the brand is chosen when the document is made
    elif said not in pages.files or not (said.startswith("assets/") or said.endswith(".css")):
        known = [file for file in pages.files if file.startswith("assets/") or file.endswith(".css")]
        near = suggestion(said, known)
        hint = near if near.startswith("Did") else _HINT
        yield Problem(name, line, f"The page asks for {said[:80]!r}, which it cannot have.", hint)


def _signs(pages: Pages, name: str, text: str, first: int) -> Iterator[Problem]:
    missing = sorted(sign for sign in set(text) - pages.covered if sign.isprintable() and sign != "\u00ad")
    if missing:
        line = first + text.count("\n", 0, text.index(missing[0]))
        what = f"The page holds {called(missing[0])}, which no font of the template has."
        yield Problem(name, line, what, sign_advice(missing[0]))
