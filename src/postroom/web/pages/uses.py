"""What templates are made of, and where else each of it is used."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.parts import Crumb


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingLine:
    """A data field, font or picture: ``told`` says how often or in how many templates it is used."""

    name: str
    url: str
    told: str
    picture_url: str = ""
    current: bool = False
    unused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine:
    """One place that uses it: how, and where it stands."""

    how: str
    place: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedBy:
    """A template with the places in it; without any, it has the thing and does nothing with it."""

    id: str
    name: str
    url: str
    places: tuple[PlaceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsesPage:
    """``desk/uses.html``. ``opened`` names what is looked at, whose templates are ``used_by``."""

    crumbs: tuple[Crumb, ...]
    name: str
    about: str
    fields: tuple[ThingLine, ...]
    fonts: tuple[ThingLine, ...]
    images: tuple[ThingLine, ...]
    parts: tuple[ThingLine, ...] = ()
    opened: str = ""
    picture_url: str = ""
    used_by: tuple[UsedBy, ...] = ()
    gone: str = ""
