"""The studio: a draft's source, its sample and the page they make; and its wording as a form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from postroom.web.pages.documents import Option
from postroom.web.pages.life import FaultLine
from postroom.web.pages.parts import Crumb


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioPage:
    """``desk/studio.html``. ``data`` is what the script needs, as JSON (``frontend/src/studio/config.ts``).
    ``word_url``: where the Word file is that the page is written in."""

    crumbs: tuple[Crumb, ...]
    name: str
    status: str
    about: str
    files: tuple[Option, ...]
    samples: tuple[Option, ...]
    languages: tuple[Option, ...]
    brands: tuple[Option, ...]
    data: dict[str, Any] = field(repr=False)
    draft_url: str
    words_url: str
    review_url: str
    mail_url: str
    conditions_url: str
    texts_url: str
    revision: int = 0
    has_mail: bool = False
    has_sms: bool = False
    has_push: bool = False
    word_url: str = ""
    word_name: str = ""
    writes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCell:
    """One word in one language; ``id`` names its field of the form."""

    id: str
    tag: str
    language: str
    label: str
    text: str
    long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRow:
    """``missing`` tells the languages that have no such word, shown or not."""

    key: str
    cells: tuple[WordCell, ...]
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsLook:
    """``desk/_studio_words_look.html``: the first page with these words. ``picture`` is a JPEG in base64."""

    picture: str = ""
    about: str = ""
    problems: tuple[FaultLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPage:
    """``desk/studio_words.html``: the wording, two languages side by side. ``columns`` names them; ``beside`` are the
    languages that the second one is chosen from, empty where there is no choice; ``kept`` is what was typed in those
    that are not shown. ``save_url`` is empty for who may only read."""

    crumbs: tuple[Crumb, ...]
    name: str
    status: str
    languages: tuple[Option, ...]
    columns: tuple[str, ...]
    beside: tuple[Option, ...]
    kept: tuple[WordCell, ...]
    rows: tuple[WordRow, ...]
    revision: int
    url: str
    studio_url: str
    house_url: str
    conditions_url: str
    texts_url: str
    look: WordsLook
    save_url: str = ""
    error: str = ""
