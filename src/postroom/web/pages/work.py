"""Work that begins or goes on by hand: send one document, start a run, look after what was set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from postroom.web.pages.deliveries import ChannelReason
from postroom.web.pages.documents import Option
from postroom.web.pages.lists import Tools
from postroom.web.pages.parts import PageImage
from postroom.web.pages.runs import SetAsideRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyChoice:
    """A party that was found; the address chooses it."""

    url: str
    name: str
    number: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """One reason why data cannot go on. ``path`` is a JSON path, or "" for the whole."""

    path: str
    reason: str
    what_to_do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRow:
    """A destination the document would go to. ``late``: only if those before it fail."""

    destination: str
    channel: str
    address: str
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsRow:
    """The words that go with the document on one channel. ``attached`` says what goes with them."""

    channel: str
    subject: str
    text: str
    attached: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPreview:
    """What would be made and sent, from exactly the data in the form."""

    title: str
    pages: tuple[PageImage, ...]
    about: str
    ways: tuple[WayRow, ...]
    reasons: tuple[ChannelReason, ...]
    words: tuple[WordsRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPage:
    """``desk/send.html``. ``token`` becomes the run key: however often the form is handed in, it is sent once.

    ``ready``: template and recipient are chosen, the data can be filled in. ``doubts`` do not stop the sending.
    """

    url: str
    templates: tuple[Option, ...]
    token: str
    template: str = ""
    template_name: str = ""
    party: str = ""
    party_name: str = ""
    party_url: str = ""
    other_party_url: str = ""
    form_url: str = ""
    q: str = ""
    found: tuple[PartyChoice, ...] = ()
    searched: bool = False
    data: str = ""
    ways: tuple[Option, ...] = ()
    problems: tuple[ProblemRow, ...] = ()
    doubts: tuple[str, ...] = ()
    error: str = ""
    sent_url: str = ""
    preview: SendPreview | None = None

    @property
    def ready(self) -> bool:
        return bool(self.template and (self.party or self.data))

    @property
    def asks_at_once(self) -> bool:
        """Whether the page is shown as soon as it is there: nothing of it was looked at or refused yet."""
        return not (self.preview or self.problems or self.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRow:
    """One record of a file that was looked at: what it would become, or why it cannot go on."""

    line: str
    raw: str
    title: str = ""
    party: str = ""
    amount: str = ""
    ways: tuple[WayRow, ...] = ()
    problems: tuple[ProblemRow, ...] = ()
    mapped: str = ""

    @property
    def good(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLook:
    """What a dry look at a file found."""

    name: str
    about: str
    rows: tuple[TriedRow, ...]
    good: int
    doubts: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRunPage:
    """``desk/new_run.html``. ``held``: the mark of a file that was handed in already and waits to be started."""

    url: str
    templates: tuple[Option, ...]
    formats: str
    mapping: str = ""
    options: str = ""
    run_key: str = ""
    hold: bool = False
    held: str = ""
    held_name: str = ""
    held_size: str = ""
    error: str = ""
    error_at: Literal["file", "template", "mapping", "options", "run_key", ""] = ""
    look: FileLook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideGroup:
    """Records of one cause and one template, over all runs. ``go_on_url``: let them all go on as they are."""

    id: str
    cause: str
    code: str
    stage: str
    template: str
    count: int
    rows: tuple[SetAsideRow, ...]
    open_url: str = ""
    go_on_url: str = ""
    can_go_on: int = 0

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsidePage:
    """``desk/set_aside.html``."""

    url: str
    total: int
    groups: tuple[SetAsideGroup, ...]
    templates: tuple[Option, ...]
    stages: tuple[Option, ...]
    run: str = ""
    code: str = ""
    filtered: bool = False
    all_url: str = ""
    tools: Tools = field(default_factory=lambda: Tools(key="set_aside", url="/set-aside/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaletteItem:
    """One line of the command palette. ``cli`` is the same act on the command line.

    With ``ask`` it is an act: the sentence says what would happen, and ``url`` is posted to once somebody said yes;
    ``why`` is the name of the field for the reason it needs."""

    label: str
    url: str
    glyph: str
    note: str = ""
    cli: str = ""
    ask: str = ""
    why: str = ""
