"""The first page: what waits, what runs, and the walk along one order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from postroom.web.pages.alarms import AlarmRow
from postroom.web.pages.control import RunControl
from postroom.web.pages.deliveries import Stamp
from postroom.web.pages.lists import Facets, Tools
from postroom.web.pages.parts import BackRow, DocumentRow, Fact, Timeline
from postroom.web.pages.runs import FunnelStage, RunRow
from postroom.web.pages.schedules import Coming
from postroom.web.pages.viewer import VersionRow, Viewer, WhyNot


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow:
    """Something that waits for a person's decision. ``status``: set_aside, in_doubt, held, or how a letter stands."""

    status: str
    what: str
    why: str
    where: str
    url: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStep:
    """One step of the walk: the same act in the API and on the command line."""

    text: str
    room: Literal["receive", "compose", "deliver", "archive", "support"]
    state: Literal["done", "now", "todo"]
    url: str
    api: str
    cli: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOrder:
    number: str
    story: str
    steps: tuple[OrderStep, ...]
    thumb_url: str = ""
    go_url: str = ""
    hide_url: str = ""

    @property
    def next_number(self) -> int:
        """Number of the step to go on with, 0 when all are done."""
        return next((i for i, step in enumerate(self.steps, 1) if step.state == "now"), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A big number of today with a quiet note beside it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedView:
    """A saved view on Home. ``list_key`` names its list in words."""

    name: str
    list_name: str
    glyph: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenPage:
    """``desk/specimen.html``: every part, once, so that a change of one is seen beside all others."""

    statuses: tuple[str, ...]
    channels: tuple[str, ...]
    facts: tuple[Fact, ...]
    stamps: tuple[Stamp, ...]
    timeline: Timeline
    words: tuple[str, ...]
    tools: Tools
    facets: Facets
    documents: tuple[DocumentRow, ...]
    back: tuple[BackRow, ...]
    stages: tuple[FunnelStage, ...]
    running: tuple[RunRow, ...]
    follow: FollowOrder | None
    viewer: Viewer
    versions: tuple[VersionRow, ...]
    why_not: WhyNot
    held: RunControl = field(default_factory=RunControl)
    gate: RunControl = field(default_factory=RunControl)
    alarms: tuple[AlarmRow, ...] = ()
    coming: Coming | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """``desk/home.html``; the polled part is ``desk/_home_live.html``."""

    weekday: str
    summary: str
    needs: tuple[NeedRow, ...]
    needs_total: int
    running: tuple[RunRow, ...]
    today: tuple[Figure, ...]
    poll_url: str
    live: bool = False
    follow: FollowOrder | None = None
    start_url: str = ""
    pinned: tuple[PinnedView, ...] = ()
    back: tuple[BackRow, ...] = ()
    back_total: str = ""
    back_url: str = ""
