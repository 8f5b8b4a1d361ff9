"""When a schedule is due: cron expressions on a wall clock, and what becomes of hours that are missing or come twice.

croniter is asked on a clock without a zone, and each time it gives is put on the real one here. A wall time that
does not exist (clocks go forward) becomes the next minute that does; one that comes twice (clocks go back) counts
the first time. An expression whose hour field begins with ``*`` means a pace and not an hour of the day: it keeps
going through the doubled hour and takes no part in the missing one.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator
from functools import lru_cache

from croniter import croniter  # type: ignore[import-untyped]
from croniter.croniter import CroniterError  # type: ignore[import-untyped]

from postroom.schedules.errors import BadCron, BadZone

_FIELDS = ("minute", "hour", "day of the month", "month", "day of the week")
_RANGES = ("0-59", "0-23", "1-31", "1-12 or JAN-DEC", "0-7 or SUN-SAT")
#: No more than crontab(5) knows, and L for the last day: what else croniter reads draws lots or has seconds.
_KNOWN = re.compile(r"(\d+|[*/,#-]|L|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)+")
_MINUTE = dt.timedelta(minutes=1)
#: Missed times are counted up to this many.
MOST_COUNTED = 1000
#: Wider than any change of clocks but that of a country which leaves out a whole day.
_AROUND = dt.timedelta(hours=26)


@lru_cache(200)
def zone(name: str) -> zoneinfo.ZoneInfo:
    """The IANA zone ``name``. Raises BadZone."""
    try:
        if name not in zoneinfo.available_timezones():
            raise zoneinfo.ZoneInfoNotFoundError(name)
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise BadZone(
            f"There is no time zone {name!r}.", hint="Name it as Europe/Berlin or UTC.", field="time_zone"
        ) from error


@lru_cache(200)
def checked(cron: str) -> str:
    """``cron`` as one tidy line of five fields. Raises BadCron, which names the field that is wrong."""
    parts = cron.upper().split()
    if len(parts) != 5:
        raise BadCron(
            f"The cron expression {cron.strip()!r} has {len(parts)} fields and not five.",
            hint="Write minute, hour, day of the month, month and day of the week, such as 0 6 * * MON-FRI.",
            field="cron",
        )
    for at, part in enumerate(parts):
        alone = ["*"] * 5
        alone[at] = part
        try:
            fine = bool(_KNOWN.fullmatch(part)) and croniter.is_valid(" ".join(alone), strict=False)
        except (CroniterError, ValueError, ArithmeticError):
            fine = False
        if not fine:
            raise BadCron(
                f"The field for the {_FIELDS[at]} cannot be read: {part!r}.",
                hint=f"It takes {_RANGES[at]}, * for every one, */5 for every fifth, 1-5 for a span, 1,15 for a list.",
                field="cron",
                part=_FIELDS[at],
            )
    tidy = " ".join(parts)
    try:
        croniter(tidy, dt.datetime(2026, 1, 1)).get_next(dt.datetime)  # noqa: DTZ001 (a wall clock has no zone)
    except CroniterError as error:
        raise BadCron(
            f"The cron expression {tidy!r} never comes.",
            hint="Check the day of the month against the month: there is no 30 February.",
            field="cron",
            part=_FIELDS[2],
        ) from error
    return tidy


def next_due(cron: str, zone_name: str, after: dt.datetime) -> dt.datetime:
    """The first due moment after ``after``, UTC. Raises BadCron, BadZone."""
    place, tidy = zone(zone_name), checked(cron)
    pace = tidy.split()[1].startswith("*")
    best: dt.datetime | None = None
    local = after.astimezone(place).replace(tzinfo=None)
    quiet = _offset(place, after - _AROUND) == _offset(place, after + _AROUND)
    moment = croniter(tidy, local if quiet else local - _AROUND / 8)
    while True:
        wall = moment.get_next(dt.datetime)
        for real in _moments(wall, place, pace):
            if real > after and (best is None or real < best):
                best = real
        if best is not None and (quiet or wall > local + _AROUND / 8 or wall > _wall(best, place) + _AROUND / 8):
            return best


def coming(cron: str, zone_name: str, after: dt.datetime, count: int) -> list[dt.datetime]:
    """The next ``count`` due moments after ``after``."""
    found: list[dt.datetime] = []
    for _ in range(count):
        after = next_due(cron, zone_name, after)
        found.append(after)
    return found


def newest_due(cron: str, zone_name: str, first: dt.datetime, now: dt.datetime) -> tuple[dt.datetime, int]:
    """The last due moment from ``first`` on that has come by ``now``, and how many came before it (counted up to
    ``MOST_COUNTED``: a house that was closed for a year is not counted minute by minute)."""
    count = 0
    while count < MOST_COUNTED and (following := next_due(cron, zone_name, first)) <= now:
        first, count = following, count + 1
    if count == MOST_COUNTED:
        for days in (1 / 1440, 1 / 24, 1, 32, 400):
            near = next_due(cron, zone_name, max(first, now - dt.timedelta(days=days)))
            if near <= now:
                first = near
                while (following := next_due(cron, zone_name, first)) <= now:
                    first = following
                break
    return first, count


def on_day(day: dt.date, time: dt.time, zone_name: str) -> dt.datetime:
    """The moment of a wall time on a day, by the same rules for missing and doubled hours."""
    return next(_moments(dt.datetime.combine(day, time.replace(tzinfo=None)), zone(zone_name), pace=False))


def _moments(wall: dt.datetime, place: zoneinfo.ZoneInfo, pace: bool) -> Iterator[dt.datetime]:
    """The real moments of a wall time: one, none (a pace in a missing hour) or two (a pace in a doubled one)."""
    first = wall.replace(tzinfo=place, fold=0).astimezone(dt.UTC)
    if _wall(first, place) == wall:
        yield first
        second = wall.replace(tzinfo=place, fold=1).astimezone(dt.UTC)
        if pace and second > first:
            yield second
    elif not pace:
        while _wall(first, place) != wall:  # at most the length of the gap
            wall += _MINUTE
            first = wall.replace(tzinfo=place, fold=0).astimezone(dt.UTC)
        yield first


def _wall(real: dt.datetime, place: zoneinfo.ZoneInfo) -> dt.datetime:
    return real.astimezone(place).replace(tzinfo=None)


def _offset(place: zoneinfo.ZoneInfo, at: dt.datetime) -> dt.timedelta | None:
    return at.astimezone(place).utcoffset()
