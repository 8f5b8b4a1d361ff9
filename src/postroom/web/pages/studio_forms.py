"""Forms of a draft for people who write no source: its conditions, its short texts, its Word file."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.documents import Option
from postroom.web.pages.life import FaultLine
from postroom.web.pages.parts import Crumb
from postroom.web.pages.studio import WordsLook


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLine:
    """One thing of the template that can hang on a condition, with the condition in words."""

    title: str
    about: str
    said: str
    held: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow:
    """One question. ``control`` is how its value is typed: text, number, date, choice, none; ``was`` the field that the
    value belongs to."""

    number: int
    was: str
    fields: tuple[Option, ...]
    asks: tuple[Option, ...]
    value: str = ""
    control: str = "text"
    choices: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLine:
    """Whether a sample fulfils the condition."""

    name: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLook:
    """``desk/_studio_condition_look.html``: what the rows mean, whom they concern, and the page."""

    said: str = ""
    held: str = ""
    samples: tuple[SampleLine, ...] = ()
    error: str = ""
    look: WordsLook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionForm:
    """The rows of one condition. ``source`` instead of rows where they cannot say it."""

    title: str
    at: str
    rows: tuple[ConditionRow, ...] = ()
    any: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionsPage:
    """``desk/studio_conditions.html``. ``save_url`` is empty for who may only read."""

    crumbs: tuple[Crumb, ...]
    name: str
    status: str
    revision: int
    url: str
    studio_url: str
    words_url: str
    texts_url: str
    lines: tuple[ConditionLine, ...]
    form: ConditionForm | None = None
    look: ConditionLook | None = None
    save_url: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTextForm:
    """One short text as it is typed. ``most`` is what the template allows: parts of an SMS, signs of a push text."""

    kind: str
    name: str
    text: str
    most: int
    most_name: str
    there: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTextSeen:
    """A short text as somebody gets it, and what it costs."""

    kind: str
    sender: str
    title: str
    text: str
    count: str
    about: str = ""
    warning: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTextsLook:
    """``desk/_studio_texts_look.html``: the texts of one sample; ``warnings`` are those of all samples."""

    seen: tuple[ShortTextSeen, ...] = ()
    problems: tuple[FaultLine, ...] = ()
    warnings: tuple[FaultLine, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTextsPage:
    """``desk/studio_texts.html``. ``save_url`` is empty for who may only read."""

    crumbs: tuple[Crumb, ...]
    name: str
    status: str
    revision: int
    studio_url: str
    words_url: str
    conditions_url: str
    forms: tuple[ShortTextForm, ...]
    names: tuple[str, ...]
    samples: tuple[Option, ...]
    languages: tuple[Option, ...]
    look: ShortTextsLook
    save_url: str = ""
    error: str = ""
