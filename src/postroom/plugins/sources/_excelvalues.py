"""What Excel's numbers mean (ECMA-376, part 1, clauses 18.8.30 and 18.17.4): dates, times, exact decimals."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from postroom.plugins.sources._base import Flaw

_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58), "date"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), "time"),
    22: "moment",
    46: "span",
}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]")
_SPAN = re.compile(r"\[(h+|m+|s+)\]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DAY_MS = 86_400_000


def style_kinds(used: list[int], formats: dict[int, str]) -> dict[str, str]:
    """For each cell style (its number as text) that shows a date or time: which kind."""
    kinds: dict[str, str] = {}
    for style, number in enumerate(used):
        kind = format_kind(formats[number]) if number in formats else _BUILT_IN.get(number, "")
        if kind:
            kinds[str(style)] = kind
    return kinds


def format_kind(code: str) -> str:
    """date, time, moment (both), span (elapsed time) or nothing for a number format such as ``dd.mm.yyyy``."""
    plain = _BRACKETS.sub("", _QUOTED.sub("", code.split(";")[0].lower()))
    if _SPAN.search(plain):
        return "span"
    clock = "am/pm" in plain or "a/p" in plain
    plain = plain.replace("am/pm", "").replace("a/p", "").replace("general", "")
    time = clock or "h" in plain or "s" in plain
    date = "d" in plain or "y" in plain or ("m" in plain and not time)
    return "moment" if date and time else "date" if date else "time" if time else ""


def number(text: str) -> int | Decimal:
    """Integers as int, others as Decimal of the shortest text of the same double (Excel writes 17 digits).

    Raises ValueError for what is not a number.
    """
    if text.isdigit() and text.isascii() and len(text) < 310:
        return int(text)
    if "_" in text or len(text) > 400:
        raise ValueError(text[:100])
    value = float(text)
    if value - value != 0:  # infinity or NaN
        raise ValueError(text[:100])
    if value.is_integer():
        return int(text) if text.lstrip("-").isdigit() else int(Decimal(repr(value)))
    return Decimal(repr(value))


def moment(text: str, kind: str, since_1904: bool) -> str:
    """A serial number as ISO 8601 text. Raises Flaw or ValueError."""
    serial = number(text)
    milliseconds = int((Decimal(serial) * _DAY_MS).to_integral_value())
    if kind == "span":
        return _span(milliseconds)
    days, rest = divmod(milliseconds, _DAY_MS)
    seconds, thousandths = divmod(rest, 1000)
    shown = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + (
        f".{thousandths:03}" if thousandths else ""
    )
    if kind == "time" and days == 0:
        return shown
    if since_1904:
        start = dt.date(1904, 1, 1)
    elif days == 60 or days < 0:
        what = "29 February 1900, which never was" if days == 60 else "a day before 1900"
        raise Flaw("cell-error", f"the date is {what}", "Correct the date.")
    else:  # Excel takes 1900 for a leap year, so days before its 29 February are one off
        start = dt.date(1899, 12, 31) if days < 60 else dt.date(1899, 12, 30)
    try:
        day = start + dt.timedelta(days=days)
    except OverflowError as error:
        raise Flaw("cell-error", f"{text[:40]} is no date", "Correct the date, or the format of the cell.") from error
    if kind == "date" and not rest:
        return day.isoformat()
    return f"{day.isoformat()}T{shown}"


def _span(milliseconds: int) -> str:
    """ISO 8601 duration, such as PT36H30M."""
    sign = "-" if milliseconds < 0 else ""
    minutes, rest = divmod(abs(milliseconds), 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 1000}.{rest % 1000:03}".removesuffix(".000")
    return f"{sign}PT{hours}H{minutes}M" + (f"{seconds}S" if rest else "")


def unescaped(text: str) -> str:
    """Text with ``_x000D_`` turned into what it stands for (clause 22.9.2.19), unless that cannot be stored."""
    if "_x" not in text:
        return text

    def char(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        return found[0] if code == 0 or 0xD800 <= code < 0xE000 else chr(code)

    return _ESCAPED.sub(char, text)


def cell_value(kind: str, text: str | None, formula: bool, date: str, since_1904: bool) -> Any:
    """The value of a cell that holds neither shared nor inline text. Raises Flaw or ValueError.

    ``kind`` is its attribute ``t``, ``text`` its ``<v>`` or None, ``date`` the kind of its number format.
    """
    if text is None or (not text and kind != "str"):
        if formula:
            raise Flaw(
                "cell-error",
                "the formula has no stored result",
                "Open the workbook in Excel or LibreOffice, let it calculate, and save it.",
            )
        return None
    if kind == "n":
        return moment(text, date, since_1904) if date else number(text)
    if kind == "str":
        return unescaped(text) or None
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind == "d":
        return text
    if kind == "e":
        raise Flaw("cell-error", f"the cell shows the error {text[:40]}", "Correct the formula in the workbook.")
    raise ValueError(f"unknown cell type {kind[:20]}")
