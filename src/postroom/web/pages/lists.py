"""What every list of the desk offers around its rows: saved views, removable filters, columns, selection, peek."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from postroom.web.pages.parts import Fact, PageImage, ReasonForm

ListKey = Literal["documents", "deliveries", "runs", "parties", "set_aside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that may be chosen and moved. ``shown`` in this order."""

    key: str
    label: str
    shown: bool = True
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One filter that holds; ``url`` is the list without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTab:
    """A saved view. ``id`` is empty for the list as it comes."""

    name: str
    url: str
    current: bool = False
    id: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAct:
    """An act on what is selected: a button of the bulk bar. ``url`` answers GET and asks before it acts."""

    label: str
    url: str
    glyph: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeekLine:
    """One line of a list in the peek panel. ``status`` is a key."""

    text: str
    note: str = ""
    status: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeekSection:
    title: str
    lines: tuple[PeekLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """``desk/_peek.html``: what somebody wants to know before they open a row. ``say`` is the answer in a sentence,
    ``verbatim`` bytes as they came."""

    id: str
    title: str
    number: str
    open_url: str
    status: str = ""
    say_heading: str = ""
    say: str = ""
    picture: PageImage | None = None
    facts: tuple[Fact, ...] = ()
    sections: tuple[PeekSection, ...] = ()
    verbatim: str = ""
    download_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """An act that can be taken back: the form says what was done and holds what is needed to undo it."""

    said: str
    token: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The furniture of one list. ``query`` is its filters as a query string, ``hidden`` the same as pairs."""

    key: ListKey
    url: str
    query: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    tabs: tuple[ViewTab, ...] = ()
    chips: tuple[Chip, ...] = ()
    columns: tuple[Column, ...] = ()
    density: str = "comfortable"
    acts: tuple[BulkAct, ...] = ()
    total: int = 0
    total_text: str = ""
    export_url: str = ""
    peek: Peek | None = None
    undo: Undo | None = None
    own_columns: bool = False
    columns_open: bool = False
    columns_at: str = ""
    empty_url: str = ""
    samples_command: str = ""
    glimpse: tuple[Any, ...] = ()
    """Made-up rows, shown where there are none yet."""

    @property
    def shown(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.shown)

    @property
    def own(self) -> ViewTab | None:
        """The saved view this page is."""
        return next((tab for tab in self.tabs if tab.current and tab.id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """``count`` is text: exact to 10,000, then "10,000+". ``part_url`` is ``url`` with its facets counted at once;
    ``id`` is where focus stays while they change."""

    label: str
    count: str
    url: str
    chosen: bool = False
    part_url: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    key: str
    title: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """``desk/_facets.html``, loaded after the results. ``whole_url`` shows them without scripts."""

    url: str
    whole_url: str
    groups: tuple[Facet, ...] = ()
    loaded: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkLine:
    """What would happen to some of the selected."""

    text: str
    count: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPage:
    """``desk/bulk.html``: what an act would do to what is selected, before it is done. ``mark`` lets it act once."""

    title: str
    back_url: str
    back: str
    sentence: str
    lines: tuple[BulkLine, ...]
    form: ReasonForm
    mark: str
    button: str
    count: int
    ask: str = ""
    hint: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkWorkPage:
    """``desk/bulk_work.html``: how far it is; the polled part is ``desk/_bulk_work_live.html``."""

    title: str
    sentence: str
    back_url: str
    back: str
    poll_url: str
    total: int
    done: int
    left: int
    refused: tuple[PeekLine, ...] = field(default_factory=tuple)
    refused_total: int = 0
    live: bool = False

    @property
    def width(self) -> str:
        """Of the bar, in hundredths, as text: German must not write "12,5"."""
        return f"{100 * (self.done + self.refused_total) / max(self.total, 1):.2f}"
