"""How values are written in the recipient's language: Babel's patterns, read once per locale.

``babel.format_*`` parses, rounds and joins anew for every value (20 to 60 us); a closure made from the same pattern
needs about one. A property test compares both over many locales. Money is handled as text from the record to the
page: no digit that is not zero is ever hidden, so nothing is rounded here (P9).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import (
    UnknownCurrencyError,
    get_currency_precision,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    validate_currency,
)

Show = Callable[[Any], str]
_GREATEST = 10**15
#: Figures as they are shown, kept over all formats. Prices, rates and quantities come again within a run, and what is
#: kept costs a fraction of what is made; those that do not come again push each other out. About 3 MB at most.
_KEPT = 16384


class NotShowable(ValueError):
    """A value cannot be shown in the way its field asks for. ``hint`` says what can."""

    def __init__(self, code: str, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.code, self.reason, self.hint = code, reason, hint


@cache
def locale_of(tag: str) -> Locale | None:
    """Babel's locale for a BCP 47 tag such as ``de-CH``; for an unknown region, the language alone."""
    parts = tag.replace("_", "-").split("-")
    while parts:
        try:
            return Locale.parse("-".join(parts), sep="-")
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return None


@cache
def currency_digits(code: str) -> int:
    """Decimal places of a currency (ISO 4217). Raises NotShowable for one that does not exist."""
    try:
        validate_currency(code)
    except UnknownCurrencyError:
        raise NotShowable(
            "not-currency", f"{code!r} is not a currency.", "Write the three capital letters of ISO 4217, such as EUR."
        ) from None
    return get_currency_precision(code)


@lru_cache(maxsize=512)
def formatter(locale: str, currency: str | None) -> dict[str, Show]:
    """One function for each x-format, for a Babel locale identifier and the record's currency.

    Each takes the raw value and gives the display text; it raises NotShowable. Raises NotShowable for a currency
    that does not exist.
    """
    where = Locale.parse(locale)
    plain = _NumberStyle(where, where.decimal_formats[None])
    percent = _NumberStyle(where, where.percent_formats[None])
    shows: dict[str, Show] = {
        "quantity": _keeping(plain.shortest),
        "percent": _keeping(percent.shortest),
        "date": lambda value: _date(value, "long", locale),
        "date-short": lambda value: _date(value, "medium", locale),
        "country": _country(where),
    }
    if currency is None:
        shows["money"] = shows["money-symbol"] = _no_currency
    else:
        digits = currency_digits(currency)
        symbol = _NumberStyle(where, where.currency_formats["standard"], currency)
        shows["money"] = _keeping(lambda value: plain.at_least(value, digits))
        shows["money-symbol"] = _keeping(lambda value: symbol.at_least(value, digits))
    return shows


def _keeping(show: Show) -> Show:
    """The same function, which keeps what it made of texts. Of other values it keeps nothing: 1, 1.0 and True would be
    one key, and a list is none."""

    def keeping(value: Any) -> str:
        return _shown(show, value) if type(value) is str else show(value)

    return keeping


@lru_cache(maxsize=_KEPT)
def _shown(show: Show, value: str) -> str:
    return show(value)


class _NumberStyle:
    """One number pattern of one locale, taken apart (Unicode TR 35, part 3)."""

    def __init__(self, where: Locale, pattern: Any, currency: str | None = None) -> None:
        self.point, self.comma = get_decimal_symbol(where), get_group_symbol(where)
        self.primary, self.secondary = pattern.grouping
        symbol = get_currency_symbol(currency, where) if currency else ""
        self.before, self.after = (
            tuple(text.replace("¤¤", currency or "").replace("¤", symbol) for text in affix)
            for affix in (pattern.prefix, pattern.suffix)
        )

    def at_least(self, value: Any, digits: int) -> str:
        """A decimal text with at least ``digits`` decimal places."""
        whole, _, fraction = _text(value).partition(".")
        fraction = fraction.rstrip("0")
        return self._join(whole, fraction + "0" * (digits - len(fraction)))

    def shortest(self, value: Any) -> str:
        """A number without trailing zeros after the point."""
        whole, _, fraction = _text(value).partition(".")
        return self._join(whole, fraction.rstrip("0"))

    def _join(self, whole: str, fraction: str) -> str:
        negative = whole[0] == "-"
        whole = whole.lstrip("-0") or "0"
        if negative and whole == "0" and not fraction.strip("0"):
            negative = False  # nobody is owed minus nothing
        if len(whole) > self.primary:
            parts = [whole[-self.primary :]]
            rest = whole[: -self.primary]
            while rest:
                parts.append(rest[-self.secondary :])
                rest = rest[: -self.secondary]
            whole = self.comma.join(reversed(parts))
        number = f"{whole}{self.point}{fraction}" if fraction else whole
        return f"{self.before[negative]}{number}{self.after[negative]}"


def _text(value: Any) -> str:
    """The plain decimal text of a number: what the contract lets through is text, whole numbers and floats."""
    if type(value) is str:
        if value.isascii() and value.replace(".", "", 1).removeprefix("-").isdigit():
            return value
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if number.is_finite():
            if abs(number) < _GREATEST:
                return f"{number:f}"
            raise NotShowable("too-large", f"The number {number:.3e} has more than 15 digits.", "Correct the value.")
    raise NotShowable("not-number", f"The value {value!r} is not a number.", 'Write it like "1204.50".')


@lru_cache(maxsize=16384)
def _date(value: Any, style: str, locale: str) -> str:
    """Dates repeat within a run, so Babel itself is asked and its answer kept."""
    try:
        day = dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise NotShowable(
            "not-date", f"The value {value!r} is not a date.", "Write year-month-day, such as 2026-11-12."
        ) from None
    return format_date(day, style, locale)


def _country(where: Locale) -> Show:
    names = where.territories

    def show(value: Any) -> str:
        name = names.get(value)
        if name is None or not (isinstance(value, str) and len(value) == 2):
            raise NotShowable(
                "not-country", f"{value!r} is not a country.", "Write two capital letters of ISO 3166-1, such as SE."
            )
        return str(name)

    return show


def _no_currency(value: Any) -> str:
    raise NotShowable(
        "no-currency",
        f"The amount {value!r} has no currency.",
        "Name the record's currency in template.yaml, under document: currency.",
    )
