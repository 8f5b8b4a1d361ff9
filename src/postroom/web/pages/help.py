"""The guide: its list, one page of it, the words, and the first walk around the desk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRow:
    """A page of the guide in a list; ``current`` is the one that is open."""

    url: str
    title: str
    about: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicGroup:
    id: str
    title: str
    rows: tuple[TopicRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpIndexPage:
    """``desk/help.html``; what a search found is ``desk/_help_found.html``."""

    url: str
    groups: tuple[TopicGroup, ...]
    words_url: str
    tour_url: str
    q: str = ""
    mine: TopicRow | None = None
    back_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """``desk/help_topic.html``. ``html`` was made from our own Markdown with HTML switched off."""

    title: str
    about: str
    html: str
    index_url: str
    groups: tuple[TopicGroup, ...]
    words: tuple[WordRow, ...] = ()
    back_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRow:
    """A word of the field. ``key`` is its anchor on the page of words."""

    key: str
    name: str
    text: str
    url: str = ""
    more_url: str = ""
    more_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPage:
    """``desk/help_words.html``."""

    rows: tuple[WordRow, ...]
    index_url: str
    back_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStep:
    """One stop. ``at`` are selectors, the first that is on the screen is pointed at; none of them: no pointing."""

    at: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """``cotton/tour.html``. ``begun``: it was asked for, so it starts without an offer."""

    steps: tuple[TourStep, ...]
    put_away_url: str
    guide_url: str
    begun: bool = False
