"""The list of deliveries, and one delivery with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from postroom.web.pages.lists import Tools
from postroom.web.pages.parts import (
    Crumb,
    DeliveryRow,
    Fact,
    PageImage,
    Paging,
    ReasonForm,
    StatusFilter,
    Timeline,
    Truth,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesPage:
    """``desk/deliveries.html``; results alone are ``desk/_deliveries_found.html``."""

    url: str
    q: str
    filters: tuple[StatusFilter, ...]
    rows: tuple[DeliveryRow, ...]
    paging: Paging
    filtered: bool = False
    tools: Tools = field(default_factory=lambda: Tools(key="deliveries", url="/deliveries/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReason:
    """Why this channel. ``kind``: law, wish, rule, always. ``outcome``: used, came_back, not_needed, no."""

    kind: Literal["law", "wish", "rule", "always", "person"]
    text: str
    outcome: Literal["used", "came_back", "not_needed", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One attempt; ``answer`` holds the receiver's own words, verbatim; ``key`` is what it can be asked by."""

    number: int
    when: str
    channel: str
    destination: str
    status: str
    answer: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt:
    """Nobody can be asked whether it left: a person decides, with a reason."""

    explanation: str
    arrived: ReasonForm
    send_again: ReasonForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """At most one per page. ``word``: opened, delivered, returned, held, cancelled."""

    word: Literal["opened", "delivered", "returned", "held", "cancelled"]
    sub: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """``desk/delivery.html``."""

    number: str
    title: str
    status: str
    channel: str
    crumbs: tuple[Crumb, ...]
    tell: str
    timeline: Timeline
    pages: tuple[PageImage, ...]
    digest: str
    download_url: str
    reasons: tuple[ChannelReason, ...]
    attempts: tuple[AttemptRow, ...]
    belongs: tuple[Fact, ...]
    truth: Truth = ""
    tell_heading: str = ""
    message_subject: str = ""
    message_text: str = ""
    same_bytes: bool = True
    stamp: Stamp | None = None
    in_doubt: InDoubt | None = None
    resend: ReasonForm | None = None
    hold_url: str = ""
    release_url: str = ""
    cancel: ReasonForm | None = None
