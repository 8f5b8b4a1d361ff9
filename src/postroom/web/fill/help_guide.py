"""The guide's files: Markdown and words in each language, read once a process, rendered with HTML switched off.

A label of the desk stands in **bold** in its English form in every language and is translated when the page is
made: so the guide calls a button what the button is called, and a test holds each label against the templates.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.urls import reverse
from django.utils.translation import get_language, gettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(__file__).parents[1] / "guide"
LANGUAGES = ("en", "de")
GROUPS = ("roles", "screens", "settings", "more")
_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.S)
_PAGE = re.compile(r"([a-z-]+)\.md(#[\w-]+)?")
_WORD = re.compile(r"words\.yaml(?:#(\w+))?")


@dataclass(frozen=True, slots=True)
class Topic:
    """A page of the guide. ``routes`` are the names of the screens it explains, ``role`` whom it is written for."""

    key: str
    title: str
    about: str
    group: str
    text: str
    routes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    role: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Word:
    key: str
    name: str
    text: str
    see: str = ""


def language() -> str:
    """The reader's language, or English where the guide does not speak it."""
    now = (get_language() or "en").partition("-")[0]
    return now if now in LANGUAGES else "en"


def topics(lang: str | None = None) -> Mapping[str, Topic]:
    """Every page by its key, in the order of the list."""
    return _topics(lang or language())


def words(lang: str | None = None) -> Mapping[str, Word]:
    """Every word of the field by its key."""
    return _words(lang or language())


@functools.cache
def topic_of_routes() -> Mapping[str, str]:
    """The page that explains a screen, by the name of the screen's address."""
    return {route: topic.key for topic in _topics("en").values() for route in topic.routes}


@functools.cache
def _topics(lang: str) -> Mapping[str, Topic]:
    found = [read_topic(path.stem, path.read_text(encoding="utf-8")) for path in sorted((FOLDER / lang).glob("*.md"))]
    return {topic.key: topic for topic in sorted(found, key=lambda one: (GROUPS.index(one.group), one.order))}


@functools.cache
def _words(lang: str) -> Mapping[str, Word]:
    told: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / lang / "words.yaml").read_text(encoding="utf-8"))
    return {key: Word(key=key, name=one["name"], text=one["text"], see=one.get("see", "")) for key, one in told.items()}


def read_topic(key: str, text: str) -> Topic:
    """A page from its file: facts between two lines of dashes, then Markdown."""
    head = _HEAD.match(text)
    told: dict[str, Any] = yaml.safe_load(head[1]) if head else {}
    return Topic(
        key=key,
        title=told["title"],
        about=told["about"],
        group=told["group"],
        text=text[head.end() :] if head else text,
        routes=tuple(told.get("routes", ())),
        words=tuple(told.get("words", ())),
        role=told.get("role", ""),
        order=told.get("order", 100),
    )


def labels_of(text: str) -> list[str]:
    """Labels of the desk that a page quotes."""
    return [token.content for token in _strong(_markdown().parse(text))]


def links_of(text: str) -> list[str]:
    """Where the links of a page lead, as written."""
    inline = [child for token in _markdown().parse(text) for child in token.children or ()]
    return [str(token.attrs["href"]) for token in inline if token.type == "link_open"]


def address_of(link: str) -> str:
    """The desk's address of a link between files of the guide."""
    if page := _PAGE.fullmatch(link):
        return reverse("help-topic", args=[page[1]]) + (page[2] or "")
    if word := _WORD.fullmatch(link):
        return reverse("help-words") + (f"#{word[1]}" if word[1] else "")
    return link


def html_of(text: str) -> str:
    """The page as HTML: labels in the reader's language, links led to the desk's addresses, headings with anchors."""
    markdown = _markdown()
    tokens = markdown.parse(text)
    for token in _strong(tokens):
        token.content = gettext(token.content)
    for token, following in itertools.pairwise(tokens):
        if token.type == "heading_open":
            token.attrs["id"] = slug(following.content)
        for child in token.children or ():
            if child.type == "link_open":
                child.attrs["href"] = address_of(str(child.attrs["href"]))
                child.attrs["class"] = "lnk"
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def slug(title: str) -> str:
    """An anchor from a heading."""
    return "-".join(re.findall(r"\w+", title.casefold()))


def _markdown() -> MarkdownIt:
    """CommonMark without HTML: what looks like a tag is text."""
    return MarkdownIt("commonmark", {"html": False})


def _strong(tokens: list[Token]) -> list[Token]:
    """The texts that stand in bold."""
    found = []
    for token in tokens:
        children = token.children or []
        found += [after for before, after in itertools.pairwise(children) if before.type == "strong_open"]
    return found
