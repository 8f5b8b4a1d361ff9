"""What a draft's tests and its replay over real records say, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.life import FaultLine, UseLine
from postroom.web.pages.parts import Crumb, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class TestLine:
    """A test that failed; ``picture_url`` is the page with the place outlined."""

    __test__ = False  # pytest: this is no test
    fault: FaultLine
    picture_url: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """Records with the same causes. ``tone`` is ok, note or bad; ``width`` its share of all, in percent."""

    key: str
    count: str
    label: str
    tone: str
    url: str = ""
    more: tuple[str, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChoice:
    """A run whose records a replay may be over; an empty ``value``: the newest of all runs."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofsPanel:
    """``desk/_proofs.html``. ``replay`` is a key: none, needed, moving, done, stale, failed, stopped.

    ``digest`` goes with the approval: what was looked at is what is signed. ``whole``: on the replay's own page.
    ``asks``: what the data contract asks of records that it did not; ``breaks``: what would not work with it. Without
    ``tests`` there are none to tell of. ``runs``: what it may be over, the newest records of all runs first."""

    tests: str = ""
    tests_told: str = ""
    failures: tuple[TestLine, ...] = ()
    test_url: str = ""
    test_done: int = 0
    test_total: int = 0
    replay: str = "none"
    told: str = ""
    hint: str = ""
    done: int = 0
    total: int = 0
    groups: tuple[GroupLine, ...] = ()
    digest: str = ""
    signed: str = ""
    start_url: str = ""
    stop_url: str = ""
    page_url: str = ""
    live_url: str = ""
    whole: bool = False
    asks: tuple[str, ...] = ()
    breaks: tuple[UseLine, ...] = ()
    runs: tuple[RunChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One record's page by both versions; an address is empty where a version has no such page. ``masked``: of the
    record with everybody in it replaced, for who may not see records. ``part``: of a house part, not of a draft."""

    title: str
    about: str
    before_url: str
    after_url: str
    document_url: str = ""
    older_url: str = ""
    newer_url: str = ""
    causes: tuple[str, ...] = ()
    masked: bool = False
    sample_url: str = ""
    part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverLine:
    """A template whose records a replay is over, with how many of them; ``told`` where there are none."""

    name: str
    url: str
    count: str
    version: str
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPage:
    """``desk/replay.html``."""

    crumbs: tuple[Crumb, ...]
    name: str
    panel: ProofsPanel
    facts: tuple[Fact, ...]
    group: GroupLine | None = None
    beside: Beside | None = None
    covers: tuple[CoverLine, ...] = ()
