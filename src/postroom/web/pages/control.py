"""The operator in control of a run: held or at its gate, the check before a release, workers, a part of a run."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.lists import BulkLine
from postroom.web.pages.parts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCause:
    """Records set aside for one cause."""

    text: str
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSheet:
    """What a run would send if it were released now. ``findings`` are whole sentences; ``calm`` is said when there
    are none; ``ready``: everything is composed, so it may be released."""

    facts: tuple[Fact, ...]
    findings: tuple[str, ...]
    causes: tuple[CheckCause, ...]
    calm: str
    compared: str
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A worker and what it does at this moment. ``here``: it is about the run of this page."""

    name: str
    roles: str
    doing: str
    since: str
    here: bool = False
    idle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunControl:
    """``desk/_run_control.html``. Addresses are empty where the reader may not act, or there is nothing to do.

    ``said`` and ``why`` stand in the note of a run that is held; ``pace`` says how fast it goes, ``left`` how long it
    will take."""

    hold_url: str = ""
    resume_url: str = ""
    release_url: str = ""
    release_label: str = ""
    part_url: str = ""
    said: str = ""
    why: str = ""
    check: CheckSheet | None = None
    pace: str = ""
    left: str = ""
    workers: tuple[WorkerRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several; ``chosen`` is marked."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPage:
    """``desk/run_part.html``: which part of a run, and what is to become of it. ``lines`` and ``button`` are there
    once it was looked at; then ``mark`` lets it be done once."""

    run: str
    run_url: str
    url: str
    ways: tuple[Choice, ...]
    acts: tuple[Choice, ...]
    destinations: tuple[Choice, ...]
    first: str = ""
    last: str = ""
    reason: str = ""
    error: str = ""
    sentence: str = ""
    lines: tuple[BulkLine, ...] = ()
    button: str = ""
    mark: str = ""
