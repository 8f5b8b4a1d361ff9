"""Formatting by patterns read once must say what Babel says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent, get_currency_precision, parse_pattern
from hypothesis import given
from hypothesis import strategies as st

from postroom.composition.formats import NotShowable, currency_digits, formatter, locale_of

LOCALES = ("en", "en_US", "en_IN", "de", "de_AT", "de_CH", "fr", "fr_CH", "sv", "da", "nl", "nb", "fi", "es", "pt_PT")
LOCALES += ("it", "pl", "cs", "hu", "tr", "ja", "ko", "zh", "lv", "bg")
CURRENCIES = ("EUR", "SEK", "USD", "JPY", "CHF", "GBP", "PLN", "KWD", "INR")

locales = st.sampled_from(LOCALES)
amounts = st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=6, allow_nan=False).map(lambda x: f"{x:f}")
short_amounts = st.decimals(min_value=-99999999, max_value=99999999, places=2).map(lambda x: f"{x:f}")


def zero(raw: str) -> bool:
    return Decimal(raw) == 0


def digits(raw: str, least: int) -> int:
    """Decimal places shown: those of the currency, more only where they are not zero."""
    return max(least, len(raw.partition(".")[2].rstrip("0")))


@given(locales, st.sampled_from(CURRENCIES), amounts | short_amounts)
def test_money_is_what_babel_writes(tag: str, currency: str, raw: str) -> None:
    # given the locale's own number pattern, with the decimal places this amount needs
    locale = Locale.parse(tag)
    places = digits(raw, get_currency_precision(currency))
    pattern = parse_pattern(locale.decimal_formats[None].pattern)
    pattern.frac_prec = (places, places)
    value = abs(Decimal(raw)) if zero(raw) else Decimal(raw)
    # when Babel and we write it, then both write the same
    assert formatter(tag, currency)["money"](raw) == pattern.apply(value, locale)


@given(locales, st.sampled_from(CURRENCIES), amounts | short_amounts)
def test_money_with_symbol_is_what_babel_writes(tag: str, currency: str, raw: str) -> None:
    locale = Locale.parse(tag)
    places = digits(raw, get_currency_precision(currency))
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (places, places)
    value = abs(Decimal(raw)) if zero(raw) else Decimal(raw)
    expected = pattern.apply(value, locale, currency=currency, currency_digits=False)
    assert formatter(tag, currency)["money-symbol"](raw) == expected


@given(locales, amounts | short_amounts | st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9))
def test_quantities_and_percentages_are_what_babel_writes(tag: str, raw: str | int | float) -> None:
    value = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    value = abs(value) if value == 0 else value
    shows = formatter(tag, None)
    assert shows["quantity"](raw) == format_decimal(value, locale=tag, decimal_quantization=False)
    assert shows["percent"](raw) == format_percent(value / 100, locale=tag, decimal_quantization=False)


@given(locales, st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_dates_are_what_babel_writes(tag: str, day: dt.date) -> None:
    shows = formatter(tag, None)
    assert shows["date"](day.isoformat()) == format_date(day, "long", tag)
    assert shows["date-short"](day.isoformat()) == format_date(day, "medium", tag)


def test_countries_are_named_in_the_recipients_language() -> None:
    assert formatter("de", None)["country"]("SE") == "Schweden"
    assert formatter("fr", None)["country"]("DE") == "Allemagne"


def test_no_digit_of_an_amount_is_hidden() -> None:
    # given a unit price of a fraction of a cent
    shows = formatter("de", "EUR")
    # then it is not rounded on the page
    assert shows["money"]("0.0425") == "0,0425"
    assert shows["money"]("1204.5") == "1.204,50"
    assert shows["money"]("-0.00") == "0,00"


def test_currencies_have_their_own_places() -> None:
    assert [currency_digits(code) for code in ("EUR", "JPY", "KWD")] == [2, 0, 3]


@pytest.mark.parametrize(
    ("shown", "raw", "code"),
    [
        ("money", "12,50", "not-number"),
        ("money", "", "not-number"),
        ("quantity", True, "not-number"),
        ("quantity", float("nan"), "not-number"),
        ("date", "2026-02-30", "not-date"),
        ("country", "XX", "not-country"),
        ("country", "150", "not-country"),
    ],
)
def test_what_cannot_be_shown_is_refused(shown: str, raw: object, code: str) -> None:
    with pytest.raises(NotShowable) as caught:
        formatter("en", "EUR")[shown](raw)
    assert caught.value.code == code and caught.value.hint


def test_what_is_kept_of_a_figure_is_not_given_for_another() -> None:
    # given figures that are one key to a dictionary, and texts shown by one format before the other
    shows = formatter("de", "EUR")
    no_figures: tuple[object, ...] = (True, [1], {})
    # when each is shown twice, then the answers are those of the first time, and true is still no number
    for _ in range(2):
        assert [shows["quantity"](one) for one in (1, 1.0, "1", "1.0", "01")] == ["1"] * 5
        assert (shows["money"]("7"), shows["money-symbol"]("7"), shows["percent"]("7")) == (
            "7,00",
            "7,00\xa0€",
            "7\xa0%",
        )
        for nothing in no_figures:
            with pytest.raises(NotShowable):
                shows["quantity"](nothing)


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(NotShowable, match="'EUX' is not a currency"):
        formatter("en", "EUX")


def test_an_unknown_region_falls_back_to_its_language() -> None:
    found = locale_of("de-ZZ")
    assert found is not None and found.language == "de"
    assert locale_of("xx") is None
