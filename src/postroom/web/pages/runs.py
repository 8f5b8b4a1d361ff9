"""The list of runs, and one run: funnel, balance, what was set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from postroom.web.pages.control import RunControl
from postroom.web.pages.lists import Tools
from postroom.web.pages.parts import BackRow, DocumentRow, Fact, Paging, ReasonForm, StatusFilter, Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    url: str
    number: str
    name: str
    status: str
    source: str
    template: str
    received: int
    done: int
    set_aside: int
    in_progress: int
    stopped: int
    started: str
    by: str
    difference: int = 0
    id: str = ""

    @property
    def meter(self) -> tuple[tuple[str, str, str], ...]:
        """(tone, x, width) of the parts of the meter, in hundredths, as text: German must not write "12,5"."""
        parts = (("ok", self.done), ("inf", self.in_progress), ("warn", self.set_aside), ("plain", self.stopped))
        total = max(self.received, 1)
        at, shown = 0.0, []
        for tone, count in parts:
            width = 100 * count / total
            if count:
                shown.append((tone, f"{at:.2f}", f"{width:.2f}"))
            at += width
        return tuple(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsPage:
    """``desk/runs.html``. ``new_url`` leads to where a run is started; ``live`` polls while a row is in progress."""

    filters: tuple[StatusFilter, ...]
    rows: tuple[RunRow, ...]
    paging: Paging
    poll_url: str
    live: bool = False
    new_url: str = ""
    schedules_url: str = ""
    filtered: bool = False
    tools: Tools = field(default_factory=lambda: Tools(key="runs", url="/runs/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelBin:
    """Records of one status that left the stream at this stage."""

    status: str
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStage:
    """One of received, composed, archived, dispatched, delivered. ``of`` is the number received."""

    key: Literal["received", "composed", "archived", "dispatched", "delivered"]
    count: int
    of: int
    under_way: int = 0
    bins: tuple[FunnelBin, ...] = ()
    url: str = ""

    def _share(self, count: int) -> float:
        return 100 * count / self.of if self.of else 0.0

    @property
    def top(self) -> str:
        """Where the block begins, in hundredths from above."""
        return f"{100 - self._share(self.count + self.under_way):.2f}"

    @property
    def height(self) -> str:
        return f"{self._share(self.count + self.under_way):.2f}"

    @property
    def width(self) -> str:
        """Of the block that stands for ``count``; the rest of 100 is hatched: under way."""
        whole = self.count + self.under_way
        return f"{100 * self.count / whole:.2f}" if whole else "0"

    @property
    def way_width(self) -> str:
        return f"{100 - float(self.width):.2f}" if self.under_way else "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTerm:
    """One term of the equation received = a + b + c; ``status`` is a key."""

    status: str
    count: int
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectForm:
    """The open form of one record set aside: the typed text is kept when it was refused."""

    url: str
    text: str
    cancel_url: str
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideRow:
    """``desk/_set_aside_row.html`` renders one alone (with ``row`` and ``csrf_token``) for the swap after Correct.

    ``who``, ``key``, ``document`` and ``amount`` are what the record says of itself, empty where it does not; ``pick``:
    it can be ticked; ``peek``: it stands in the list over all runs, whose panel it opens; ``tidy`` is ``raw`` as it is
    read best."""

    id: str
    line: str
    path: str
    reason: str
    what_to_do: str
    raw: str
    correct_url: str = ""
    status: str = "set_aside"
    form: CorrectForm | None = None
    who: str = ""
    key: str = ""
    document: str = ""
    amount: str = ""
    tidy: str = ""
    pick: bool = False
    peek: bool = False
    sample_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseFilter:
    """A chip above the records set aside: one cause, in words."""

    label: str
    count: int
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """Deliveries by channel: made = arrived + under way + in doubt + came back + other. ``truth`` says what arrived
    means on this channel."""

    channel: str
    made: int
    arrived: int
    under_way: int
    in_doubt: int
    came_back: int
    other: int = 0
    truth: Truth = ""
    url: str = ""

    @property
    def balances(self) -> bool:
        return self.made == self.arrived + self.under_way + self.in_doubt + self.came_back + self.other


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """The data of a run by one layout. ``url`` is empty while it is not there; ``sums`` are the totals of its number
    columns, head and text."""

    file: str
    url: str
    size: str
    records: int
    rows: int
    sums: tuple[tuple[str, str], ...] = ()
    waits: bool = False
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """``desk/run.html``; the polled part is ``desk/_run_live.html`` (send it with ``X-Postroom-Partial: 1``)."""

    number: str
    name: str
    status: str
    url: str
    poll_url: str
    facts: tuple[Fact, ...]
    received: int
    stages: tuple[FunnelStage, ...]
    terms: tuple[BalanceTerm, ...]
    set_aside_total: int
    set_aside: tuple[SetAsideRow, ...]
    channels: tuple[ChannelRow, ...]
    channel_total: ChannelRow | None
    came_back: tuple[BackRow, ...]
    documents: tuple[DocumentRow, ...]
    documents_total: int
    documents_url: str
    balance_url: str
    live: bool = False
    headline: str = ""
    announce: str = ""
    error: str = ""
    error_hint: str = ""
    cancel: ReasonForm | None = None
    set_aside_more_url: str = ""
    set_aside_causes: tuple[CauseFilter, ...] = ()
    set_aside_url: str = ""
    came_back_total: int = 0
    tools: Tools | None = None
    control: RunControl = field(default_factory=RunControl)
    data_files: tuple[DataFile, ...] = ()

    @property
    def difference(self) -> int:
        """P3: zero at every moment."""
        return self.received - sum(term.count for term in self.terms)
