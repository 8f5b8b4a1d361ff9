"""The pace of a destination in words: "60 a minute; 12 waiting, about 0:12 left"."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from postroom.delivery.pace import MOST_TOLD, Pace
from postroom.web import words


def told(pace: Pace, waiting: int) -> str:
    """Empty when there is no limit and nothing waits."""
    parts = [part for part in (_rate(pace), _parallel(pace), _waiting(pace, waiting)) if part]
    return "; ".join(parts)


def _rate(pace: Pace) -> str:
    count = words.count(pace.count)
    rates = {
        "second": gettext("{count} a second").format(count=count),
        "minute": gettext("{count} a minute").format(count=count),
        "hour": gettext("{count} an hour").format(count=count),
    }
    return rates.get(pace.unit, "")


def _parallel(pace: Pace) -> str:
    if not pace.parallel:
        return ""
    return ngettext("{count} at a time", "{count} at a time", pace.parallel).format(count=words.count(pace.parallel))


def _waiting(pace: Pace, waiting: int) -> str:
    if not waiting:
        return gettext("nothing waits") if pace.limited else ""
    many = gettext("more than {count} waiting") if waiting >= MOST_TOLD else gettext("{count} waiting")
    said = many.format(count=words.count(waiting))
    seconds = pace.lasts(waiting)
    if not seconds or waiting >= MOST_TOLD:
        return said
    return gettext("{waiting}, about {time} left").format(waiting=said, time=_clock(seconds))


def _clock(seconds: float) -> str:
    """ "0:12", "1:05:00": minutes and seconds, hours before them when there are any."""
    whole = max(1, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
