"""Letters that a person writes: the list, how one begins, the desk it is written at, the look, the limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postroom.web.pages.deliveries import ChannelReason
from postroom.web.pages.lists import Undo
from postroom.web.pages.parts import Crumb, Fact, PageImage, ReasonForm, Timeline
from postroom.web.pages.settings import Choice
from postroom.web.pages.studio_forms import ShortTextSeen
from postroom.web.pages.work import PartyChoice, ProblemRow, WayRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """A letter in the list. ``why`` says what has to be done, or by whom it was written."""

    url: str
    title: str
    template: str
    to: str
    status: str
    why: str
    when: str
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersPage:
    """``desk/letters.html``. ``ways`` are the states, each an address with its count."""

    url: str
    ways: tuple[Choice, ...]
    rows: tuple[LetterRow, ...]
    new_url: str
    filtered: bool = False
    waiting: tuple[LetterRow, ...] = ()
    undo: Undo | None = None
    older_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterKind:
    """A letter that can be written. ``opens`` names its passages."""

    key: str
    name: str
    url: str
    opens: str
    picture_url: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetterPage:
    """``desk/letter_new.html``: first what, then to whom."""

    url: str
    kinds: tuple[LetterKind, ...]
    template: str = ""
    template_name: str = ""
    q: str = ""
    found: tuple[PartyChoice, ...] = ()
    other_url: str = ""
    crumbs: tuple[Crumb, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterField:
    """One field of the data. ``shape``: text, long, lines, date, number, tick, choice."""

    name: str
    label: str
    shape: Literal["text", "long", "lines", "date", "number", "tick", "choice"]
    value: str = ""
    hint: str = ""
    options: tuple[Choice, ...] = ()
    required: bool = False
    error: str = ""
    most: int = 0

    @property
    def id(self) -> str:
        """Its id on the page."""
        return self.name.replace(":", "-").replace(".", "-")

    @property
    def ticked(self) -> bool:
        return self.value == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterGroup:
    """Fields that belong together; ``more`` is the path of a list that can have another row,
    ``folded``: what is known of the recipient, closed until somebody opens it."""

    title: str
    fields: tuple[LetterField, ...]
    more: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageField:
    """An open passage. ``changed``: it reads otherwise than the template says it. ``fields``: what may be merged in,
    apart by spaces, in a rich one."""

    key: str
    name: str
    text: str
    about: str
    rich: bool
    marks: str = ""
    fields: str = ""
    changed: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLook:
    """The words on one channel, whether or not it would be used as things are. ``how`` says which; ``used``: it would
    be. ``html_url`` is the mail as its receiver sees it."""

    channel: str
    how: str
    used: bool
    to: str
    subject: str
    text: str
    attached: str = ""
    html_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSeen:
    """``desk/_letter_seen.html``: what the letter becomes, or why it cannot. ``revision`` is what is kept now."""

    revision: int
    kept: str = ""
    title: str = ""
    about: str = ""
    pages: tuple[PageImage, ...] = ()
    ways: tuple[WayRow, ...] = ()
    reasons: tuple[ChannelReason, ...] = ()
    channels: tuple[ChannelLook, ...] = ()
    phones: tuple[ShortTextSeen, ...] = ()
    problems: tuple[ProblemRow, ...] = ()
    doubts: tuple[str, ...] = ()
    clash: str = ""
    answer: bool = False

    @property
    def made(self) -> bool:
        return bool(self.pages or self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage:
    """``desk/letter.html``: where a letter is written."""

    url: str
    crumbs: tuple[Crumb, ...]
    title: str
    status: str
    passages: tuple[PassageField, ...]
    groups: tuple[LetterGroup, ...]
    closed: tuple[Fact, ...]
    to: str
    parties_url: str
    ways: tuple[Choice, ...]
    seen: LetterSeen
    asks: tuple[str, ...] = ()
    from_list: bool = False
    left_over: tuple[Fact, ...] = ()
    new_version: str = ""
    version_url: str = ""
    gone: str = ""
    sent_back: str = ""
    delete_url: str = ""
    count: int = 1
    tab: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRow:
    """Somebody a letter goes to. ``place`` counts from 1; ``look_url`` shows their page."""

    place: int
    name: str
    number: str
    look_url: str = ""
    shown: bool = False
    remove_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterParties:
    """``desk/letter_parties.html``: whom it goes to."""

    url: str
    crumbs: tuple[Crumb, ...]
    back_url: str
    rows: tuple[RecipientRow, ...]
    most: str
    q: str = ""
    found: tuple[PartyChoice, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceLine:
    """One row of the two texts; a number is empty where a side has no such sentence."""

    kind: str
    left: str
    before: str
    right: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageDiff:
    """What a passage says otherwise than the template."""

    key: str
    name: str
    lines: tuple[SentenceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLook:
    """``desk/letter_look.html``: a letter that is handed in, to be looked at, approved, sent back, taken back."""

    url: str
    crumbs: tuple[Crumb, ...]
    title: str
    status: str
    seen: LetterSeen
    facts: tuple[Fact, ...]
    passages: tuple[PassageDiff, ...]
    recipients: tuple[RecipientRow, ...]
    steps: Timeline
    asks: tuple[str, ...] = ()
    own: str = ""
    approve_url: str = ""
    send_back: ReasonForm | None = None
    take_out: ReasonForm | None = None
    withdraw_url: str = ""
    delete_url: str = ""
    undo: Undo | None = None
    made: tuple[Fact, ...] = ()
    moved: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One limit in words."""

    template: str
    says: str
    by: str
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsPage:
    """``desk/settings/letters.html``."""

    tabs: tuple[object, ...]
    url: str
    rows: tuple[LimitRow, ...]
    templates: tuple[Choice, ...]
    verbs: tuple[Choice, ...]
    field: str = ""
    value: str = ""
    error: str = ""
    error_at: str = ""
    undo: Undo | None = None
