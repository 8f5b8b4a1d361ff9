"""Parts used by several pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Truth = Literal["accepted", "relayed", "confirmed", "read", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One label and its value; ``url`` makes the value a link, ``code`` sets it in mono."""

    label: str
    value: str
    url: str = ""
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumb:
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFilter:
    """A chip above a list. ``status`` is a status key, or "" for all; ``count`` may be said in words ("10,000+")."""

    status: str
    url: str
    count: int | str | None = None
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Cursor paging: ``shown`` says what is on the page, such as "50 of 1,204"."""

    shown: str
    newer_url: str = ""
    older_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One event. ``kind`` is a key of cotton/event.html; ``quote`` is the provider's own text, verbatim."""

    kind: str
    fact: str
    when: str
    when_iso: str = ""
    reason: str = ""
    url: str = ""
    url_text: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Oldest first. ``mode`` is "story" or "all"; the addresses switch, ``total`` counts every event."""

    entries: tuple[TimelineEntry, ...]
    mode: Literal["story", "all"] = "story"
    story_url: str = ""
    all_url: str = ""
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImage:
    """One page as a picture made by the server; ``width`` and ``height`` in px keep its place while it loads."""

    url: str
    number: int
    width: int = 1240
    height: int = 1754


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonForm:
    """A POST that needs a reason. ``error`` and ``reason`` come back when it was refused."""

    url: str
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery in any list. ``status`` and ``channel`` are keys; ``why`` is the receiver's or our reason."""

    url: str
    number: str
    title: str
    party: str
    channel: str
    destination: str
    status: str
    when: str
    truth: Truth = ""
    why: str = ""
    next_step: str = ""
    id: str = ""
    created: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document in any list. ``snippet`` is (text, is it the found word) in order."""

    url: str
    number: str
    kind: str
    party: str
    date: str
    status: str
    amount: str = ""
    thumb_url: str = ""
    snippet: tuple[tuple[str, bool], ...] = ()
    id: str = ""
    folder: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackRow:
    """What came back or does not go on, folded by its cause. ``why`` is the receiver's or our reason, ``then`` what
    Postroom did about it; ``count`` deliveries it stands for. ``status``: fell_back, failed, deferred, off."""

    status: str
    channel: str
    what: str
    why: str
    then: str
    url: str
    button: str
    since: str = ""
    who: str = ""
    count: int = 1
