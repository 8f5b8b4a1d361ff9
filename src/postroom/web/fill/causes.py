"""Why a record's pages differ between two versions, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, ngettext

from postroom.composition.checks.causes import CHANGED, IDENTICAL, MENDED, NEITHER, UNMADE
from postroom.web import words

_SHOWN = 3


def group_label(outcome: str, causes: Sequence[dict[str, Any]]) -> str:
    """A group in one line."""
    if outcome == IDENTICAL:
        return gettext("identical")
    told = [cause_text(cause) for cause in causes]
    line = "; ".join(told[:_SHOWN])
    if len(told) > _SHOWN:
        rest = len(told) - _SHOWN
        line += "; " + ngettext("{count} more difference", "{count} more differences", rest).format(count=rest)
    if outcome == UNMADE:
        return gettext("cannot be composed any more: {why}").format(why=line)
    if outcome == NEITHER:
        return gettext("cannot be composed, as before: {why}").format(why=line)
    if outcome == MENDED:
        return gettext("can be composed now; before: {why}").format(why=line)
    return line


def tone(outcome: str) -> str:
    """ok, note or bad."""
    return {IDENTICAL: "ok", MENDED: "ok", CHANGED: "note", UNMADE: "bad"}.get(outcome, "note")


def cause_text(cause: dict[str, Any]) -> str:
    """One cause."""
    what, kind = str(cause.get("what", "")), cause["kind"]
    subject = _subject(what)
    if kind == "moved":
        return gettext("{what} moved {way}").format(what=subject, way=_way(float(cause["dx"]), float(cause["dy"])))
    if kind == "pages":
        by = int(cause["by"])
        if by > 0:
            return ngettext("one page more", "{count} pages more", by).format(count=by)
        return ngettext("one page less", "{count} pages less", -by).format(count=-by)
    if kind == "reworded":
        return gettext("{before} became {after}").format(before=subject, after=_subject(str(cause.get("to", ""))))
    if kind == "restyled":
        return gettext("{what} is set in {after}, before in {before}").format(
            what=subject, before=cause.get("was", ""), after=cause.get("to", "")
        )
    if kind in ("refused", "not_composed"):
        place = str(cause.get("to", ""))
        return gettext("{code} ({place})").format(code=_fault(what), place=place) if place else _fault(what)
    said = {
        "figures": gettext("other figures in {what}"),
        "new": gettext("{what} is new"),
        "gone": gettext("{what} is gone"),
        "other_page": gettext("{what} stands on another page"),
        "symbol": gettext("the symbol {what} says something else"),
        "picture": gettext("another picture"),
        "drawing": gettext("the symbol moved") if what == "symbol" else gettext("lines or boxes moved"),
        "paper": gettext("other paper: {what}"),
        "destroyed": gettext("its data were destroyed"),
        "unseen": gettext("nothing to be seen: tags, links or metadata"),
    }
    told = str(said.get(kind, kind))
    return told.format(what=what if kind in ("symbol", "paper") else subject)


def _subject(what: str) -> str:
    """What a cause is about: the address, everything, a field, or a text in quotes."""
    named = {
        "address": gettext("the address"),
        "everything": gettext("everything"),
        "several": gettext("several texts"),
    }
    if what in named:
        return named[what]
    parts = what.split(", ") if what.count("{") > 1 else [what]
    return ", ".join(
        one[1:-1] if one.startswith("{") and one.endswith("}") and one.count("{") == 1 else f"“{one}”" for one in parts
    )


def _fault(code: str) -> str:
    return {
        "address-does-not-fit": gettext("the address does not fit its window"),
        "missing-glyph": gettext("a sign that the fonts do not have"),
        "time": gettext("it takes too long"),
        "memory": gettext("it needs too much memory"),
        "unreadable": gettext("its data cannot be read"),
    }.get(code, code)


def _way(dx: float, dy: float) -> str:
    told = []
    if dx:
        way = gettext("{distance} mm to the right") if dx > 0 else gettext("{distance} mm to the left")
        told.append(way.format(distance=_mm(dx)))
    if dy:
        way = gettext("{distance} mm down") if dy > 0 else gettext("{distance} mm up")
        told.append(way.format(distance=_mm(dy)))
    return gettext(" and ").join(told)


def _mm(distance: float) -> str:
    return words.decimal(abs(distance))
