"""Whether the page and the XML state the same: numbers, dates, parties, amounts.

A hybrid invoice has two originals; where they differ, the customer pays by one and deducts by the other. The page's
text is taken without its layout: white space, and how a language groups and points figures, do not count; digits do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import pypdfium2
from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from postroom.composition.einvoice.reading import Facts

#: Terms that a page must state where the XML does; ``layout.unsaid`` takes some out.
NAMES = {"BT-1": "invoice number", "BT-27": "seller", "BT-44": "buyer", "BT-84": "account"}
DATES = {"BT-2": "invoice date", "BT-9": "due date", "BT-72": "date of supply"}
AMOUNTS = {
    "BT-109": "net total",
    "BT-110": "VAT total",
    "BT-112": "total with VAT",
    "BT-113": "amount paid before",
    "BT-115": "amount due",
    "BT-117": "VAT of a rate",
    "BT-131": "amount of a line",
}
TERMS = frozenset({*NAMES, *DATES, *AMOUNTS})
_LANGUAGES = [
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "en_US",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "mt",
    "nb",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
]
_SOFT = re.compile(r"[\s\u00ad\u200b\u2010\u2011\ufffe-]+")


def differing(
    facts: Facts, pdf: bytes, languages: Iterable[str] = (), unsaid: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """What the XML states and the page does not, in the form of ``bench``."""
    text = page_text(pdf)
    return [
        {
            "rule": "PAGE",
            "fatal": True,
            "text": f"The XML states {what} {value!r} ({term}), and the page does not show it.",
            "where": "",
        }
        for term, what, value in _absent(facts, text, tuple(languages) or tuple(_LANGUAGES), unsaid)
    ]


def page_text(pdf: bytes) -> str:
    """The text of all pages, as a reader would copy it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(document[index].get_textpage().get_text_bounded() for index in range(len(document)))
    finally:
        document.close()


def _absent(
    facts: Facts, text: str, languages: tuple[str, ...], unsaid: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    dense = _dense(text)
    spaced = " ".join(unicodedata.normalize("NFKC", text).split())
    for term, what in NAMES.items():
        for value in facts.all(term) if term not in unsaid else ():
            if _dense(value) not in dense:
                yield term, what, value
    for term, what in DATES.items():
        day = facts.day(term)
        if day and term not in unsaid and not any(_dense(form) in dense for form in _forms(day, languages)):
            yield term, what, day.isoformat()
    for term, what in AMOUNTS.items():
        for value in dict.fromkeys(facts.all(term)) if term not in unsaid else ():
            try:
                number = Decimal(value.strip())
            except InvalidOperation:
                continue  # the schema has said so
            if term in ("BT-110", "BT-117") and not number:
                continue  # a page need not say that nothing is added
            if term == "BT-110" and len(facts.all("BT-117")) > 1:
                continue  # it may show the VAT of each rate instead, which is looked for by itself
            if not re.search(_amount(number), spaced):
                yield term, what, value


def _dense(text: str) -> str:
    return _SOFT.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _amount(number: Decimal) -> str:
    """A pattern for the digits of an amount, however they are grouped and pointed, and no digit more."""
    whole, _, fraction = f"{abs(number):f}".partition(".")
    groups = re.findall(r"[0-9]{1,3}(?=(?:[0-9]{3})*$)", whole)
    joined = r"[.,'’ ]?".join(groups)
    fraction = fraction.rstrip("0")
    if len(fraction) < 2:
        decimals = rf"[.,]{fraction.ljust(2, '0')}" if fraction else r"(?:[.,]00)?"
    else:
        decimals = rf"[.,]{fraction}"
    return rf"(?<![0-9])(?<![0-9][.,'’]){joined}{decimals}0*(?![0-9])(?![.,'’][0-9])"


@lru_cache(maxsize=512)
def _forms(day: Any, languages: tuple[str, ...]) -> tuple[str, ...]:
    forms = [
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day:%d/%m/%Y}",
        f"{day:%m/%d/%Y}",
        f"{day.day}.{day.month}.{day.year}",
    ]
    for name in languages:
        try:
            where = Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
        forms += [format_date(day, style, where) for style in ("long", "medium", "full", "short")]
    return tuple(dict.fromkeys(forms))
