"""The starter gallery, and one starter with what it takes to begin from it."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.parts import Crumb, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterCard:
    """``width`` and ``height`` are those of the picture in px, so that nothing moves while it comes."""

    name: str
    summary: str
    languages: str
    url: str
    picture_url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterGroup:
    key: str
    name: str
    cards: tuple[StarterCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartersPage:
    """``desk/starters.html``."""

    crumbs: tuple[Crumb, ...]
    groups: tuple[StarterGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterPage:
    """``desk/starter.html``. ``begin_url`` is empty for whoever may not change templates."""

    crumbs: tuple[Crumb, ...]
    card: StarterCard
    facts: tuple[Fact, ...]
    command: str
    begin_url: str = ""
    key: str = ""
    name: str = ""
    error: str = ""
