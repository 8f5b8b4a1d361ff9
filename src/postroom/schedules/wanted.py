"""What a schedule is asked to be, checked field by field before a row is made of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.text import slugify

from postroom import rules
from postroom.composition.queries import newest_version
from postroom.delivery.determine import usable
from postroom.schedules import timing
from postroom.schedules.errors import BadSchedule
from postroom.schedules.models import (
    CATCH_EACH,
    CATCH_NEWEST,
    CATCH_NONE,
    CLOCK,
    DOCUMENT,
    EVENT,
    EVERY,
    FILE,
    MOVE,
    NEWEST,
    REMEMBER,
    WATCH,
)
from postroom.schedules.places import placed

#: Addresses of the desk that stand where a schedule's key would.
RESERVED = frozenset({"new", "next"})
_MOST_DAYS = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The settings of a schedule, as somebody typed them."""

    name: str
    key: str = ""
    goes_by: str = CLOCK
    cron: str = ""
    time_zone: str = "UTC"
    take: str = WATCH
    path: str = ""
    pattern: str = "*"
    which: str = EVERY
    settle_seconds: int = 30
    after: str = REMEMBER
    event: str = ""
    date_field: str = ""
    offset_days: int = 0
    at_time: dt.time | None = None
    template_key: str = ""
    mapping: str = ""
    destination: str = ""
    priority: int = 0
    hold: bool = False
    catch_up: str = CATCH_NEWEST


def checked(wanted: Wanted) -> dict[str, Any]:
    """The columns of its row. Raises BadSchedule, BadCron, BadZone, UnknownTemplate, NoChannel, and what a mapping
    is refused for; ``context["field"]`` names the field where it is one of ours."""
    columns = asdict(wanted)
    columns["name"] = " ".join(wanted.name.split())
    if not columns["name"] or len(columns["name"]) > 120:
        raise BadSchedule("A schedule needs a name of at most 120 letters.", hint="Say what it makes.", field="name")
    columns["key"] = wanted.key.strip() or slugify(columns["name"])[:60].strip("-")
    try:
        validate_slug(columns["key"])
    except ValidationError as error:
        raise _bad("key", "A key has letters, digits, - and _, without spaces.", "month-end-invoices") from error
    if columns["key"] in RESERVED or len(columns["key"]) > 60:
        raise _bad("key", f"The key {columns['key'][:60]!r} cannot be used.", "month-end-invoices")
    timing.zone(wanted.time_zone)
    _one_of("goes_by", wanted.goes_by, (CLOCK, EVENT, DOCUMENT))
    _one_of("catch_up", wanted.catch_up, (CATCH_NEWEST, CATCH_EACH, CATCH_NONE))
    columns |= _by_clock(wanted) if wanted.goes_by == CLOCK else _by_cause(wanted)
    _within("priority", wanted.priority, 0, 99)
    version = newest_version(wanted.template_key)
    if wanted.mapping.strip():
        rules.compile_mapping(wanted.mapping, contract=version.contract)
    else:
        columns["mapping"] = ""
    columns["destination"] = wanted.destination.strip()
    if columns["destination"]:
        usable(columns["destination"])
    return columns


def _by_clock(wanted: Wanted) -> dict[str, Any]:
    cron = timing.checked(wanted.cron)
    timing.next_due(cron, wanted.time_zone, dt.datetime.now(dt.UTC))
    _one_of("take", wanted.take, (WATCH, FILE))
    _one_of("which", wanted.which, (NEWEST, EVERY))
    _one_of("after", wanted.after, (REMEMBER, MOVE))
    _within("settle_seconds", wanted.settle_seconds, 0, 86_400)
    if not wanted.path.strip():
        what = "The folder to watch" if wanted.take == WATCH else "The file to read"
        raise BadSchedule(f"{what} is not named.", hint="A relative path lies below the open folder.", field="path")
    placed(wanted.path)
    if "/" in wanted.pattern or len(wanted.pattern) > 120:
        raise _bad("pattern", "A pattern matches names, without folders.", "invoices-*.csv")
    return {"cron": cron, "path": wanted.path.strip(), "pattern": wanted.pattern.strip() or "*", "event": ""}


def _by_cause(wanted: Wanted) -> dict[str, Any]:
    event = wanted.event.strip()
    if not event or len(event) > 120 or not event.isprintable():
        said = "The name of the event is missing." if wanted.goes_by == EVENT else "The kind of document is missing."
        raise _bad("event", said, "invoice.unpaid" if wanted.goes_by == EVENT else "invoice")
    if wanted.goes_by == DOCUMENT and not wanted.date_field.strip():
        raise _bad("date_field", "A date of a document is to start the run, and the field is not named.", "due_on")
    _within("offset_days", wanted.offset_days, -_MOST_DAYS, _MOST_DAYS)
    return {
        "event": event,
        "date_field": wanted.date_field.strip().removeprefix("$."),
        "cron": "",
        "take": "",
        "path": "",
        "pattern": "",
        "at_time": wanted.at_time or dt.time(6),
    }


def _one_of(field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BadSchedule(f"{field} is {value!r}.", hint=f"It is one of: {', '.join(known)}.", field=field)


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadSchedule(f"{field} is {value}.", hint=f"It lies between {least} and {most}.", field=field)


def _bad(field: str, said: str, example: str) -> BadSchedule:
    return BadSchedule(said, hint=f"Such as {example}.", field=field)
