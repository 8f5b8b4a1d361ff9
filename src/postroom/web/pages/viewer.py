"""Parts of the document page: what the viewer shows, the versions, and what stands against deleting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postroom.web.pages.parts import PageImage

ViewKind = Literal["pdf", "image", "html", "text", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """``cotton/viewer.html``. ``pages`` are pictures for the first paint and for browsers without scripts;
    ``find`` are the words of the search that led here; ``more`` says how many pages have no picture."""

    kind: ViewKind
    name: str
    about: str
    content_url: str
    download_url: str
    pages: tuple[PageImage, ...] = ()
    page_count: int = 0
    find: str = ""
    text: str = ""
    cut: bool = False
    more: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version; ``shown`` is the one the viewer shows, ``newest`` the one in force."""

    no: int
    url: str
    download_url: str
    when: str
    when_iso: str
    made_by: str
    about: str
    digest: str
    reproducible: bool
    shown: bool = False
    newest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """One reason; ``url`` leads to what it is about, for those who may see it."""

    sentence: str
    way_out: str
    until: str = ""
    url: str = ""
    url_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGroup:
    """``key`` is someone, law or sent: a title and an icon of ``cotton/reasons.html``."""

    key: Literal["someone", "law", "sent"]
    rows: tuple[ReasonRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """ "Why can't I delete this?" ``earliest`` is a day in words, or "" when none is known."""

    groups: tuple[ReasonGroup, ...]
    earliest: str = ""
