"""Conditions in words: what hangs on them, what they ask, how many samples fulfil them."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext, ngettext

from postroom.composition.when_source import Place, Row, Rows
from postroom.web.pages.studio_forms import SampleLine


def called(path: str) -> str:
    """A field as a person says it."""
    return re.sub(r"[._]+", " ", path)


def title(place: Place) -> str:
    """What hangs on the condition."""
    if place.kind == "code":
        return gettext("Symbol {name}").format(name=place.name)
    if place.kind == "flag":
        return gettext("Flag {name}").format(name=called(place.name))
    if place.kind == "block":
        return gettext("Content block {name}").format(name=place.name)
    verbs = {
        "letterhead": gettext("Letterhead"),
        "stamp": gettext("Stamp"),
        "watermark": gettext("Watermark"),
        "append": gettext("Pages behind it"),
        "attach": gettext("Attached file"),
        "nup": gettext("Pages on a sheet"),
    }
    return verbs.get(place.name, place.name)


def held(samples: tuple[SampleLine, ...]) -> str:
    """How many samples fulfil it."""
    if not samples:
        return gettext("The template has no samples to try it on.")
    count = sum(one.holds for one in samples)
    told = ngettext("{count} of {all} sample fulfils it.", "{count} of {all} samples fulfil it.", len(samples))
    return told.format(count=count, all=len(samples))


def said(rows: Rows | None) -> str:
    """The rows as a sentence; None is a condition that rows cannot say."""
    if rows is None:
        return gettext("A condition of several groups, as it is written.")
    if not rows.rows:
        return gettext("Always.")
    parts = [_sentence(row) for row in rows.rows]
    joined = (gettext("{one}, or {other}") if rows.any else gettext("{one}, and {other}")).format
    told = parts[0]
    for part in parts[1:]:
        told = joined(one=told, other=part)
    return gettext("Only when {condition}.").format(condition=told)


def _sentence(row: Row) -> str:
    value = {"true": gettext("yes"), "false": gettext("no")}.get(row.value, f"“{row.value}”")
    return _SAID[row.ask]().format(field=called(row.path), value=value)


_SAID: dict[str, Callable[[], str]] = {
    "is": lambda: gettext("{field} is {value}"),
    "not": lambda: gettext("{field} is not {value}"),
    "among": lambda: gettext("{field} is one of {value}"),
    "above": lambda: gettext("{field} is above {value}"),
    "least": lambda: gettext("{field} is at least {value}"),
    "below": lambda: gettext("{field} is below {value}"),
    "most": lambda: gettext("{field} is at most {value}"),
    "empty": lambda: gettext("{field} is empty"),
    "holds": lambda: gettext("{field} is filled in"),
}
ASKED: dict[str, Callable[[], str]] = {
    "is": lambda: gettext("is"),
    "not": lambda: gettext("is not"),
    "among": lambda: gettext("is one of (apart by commas)"),
    "above": lambda: gettext("is above"),
    "least": lambda: gettext("is at least"),
    "below": lambda: gettext("is below"),
    "most": lambda: gettext("is at most"),
    "empty": lambda: gettext("is empty"),
    "holds": lambda: gettext("is filled in"),
}
