"""Schedules: the list, one of them, and the form."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.lists import Undo
from postroom.web.pages.parts import Crumb, Fact
from postroom.web.pages.settings import Choice, ConfigField


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """A schedule in the list. ``by`` and ``status`` are keys; ``when`` is its rule in words."""

    url: str
    name: str
    key: str
    template: str
    by: str
    when: str
    next: str
    status: str
    last: str = ""
    last_url: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulesPage:
    """``desk/schedules.html``. ``new_url`` is empty for who may only look."""

    crumbs: tuple[Crumb, ...]
    rows: tuple[ScheduleRow, ...]
    new_url: str = ""
    undo: Undo | None = None
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """``desk/_schedule_coming.html``: the next times in words, or why there are none."""

    times: tuple[str, ...] = ()
    zone: str = ""
    about: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringRow:
    """What came of one due time; ``runs`` are (reference, address)."""

    due: str
    status: str
    about: str
    hint: str = ""
    runs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRow:
    """A cause that waits, was started or was cancelled."""

    key: str
    status: str
    due: str
    by: str
    run: str = ""
    run_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePage:
    """``desk/schedule.html``. Addresses of acts are empty for who may not do them."""

    crumbs: tuple[Crumb, ...]
    name: str
    status: str
    facts: tuple[Fact, ...]
    coming: Coming
    fired: tuple[FiringRow, ...]
    causes: tuple[CauseRow, ...]
    causes_count: int = 0
    by_cause: bool = False
    trouble: str = ""
    trouble_when: str = ""
    late: bool = False
    edit_url: str = ""
    run_url: str = ""
    pause_url: str = ""
    resume_url: str = ""
    remove_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleForm:
    """``desk/schedule_form.html``. ``ways`` are the three things a schedule can go by, each an address."""

    crumbs: tuple[Crumb, ...]
    url: str
    next_url: str
    back_url: str
    by: str
    ways: tuple[Choice, ...]
    when: tuple[ConfigField, ...]
    what: tuple[ConfigField, ...]
    records: tuple[ConfigField, ...]
    coming: Coming
    new: bool = True
    name: str = ""
    error: str = ""
