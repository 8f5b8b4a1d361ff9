"""How things are written on screen: dates, money, counts, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from babel import numbers
from django.utils import formats, timezone, translation
from django.utils.translation import gettext, pgettext

from postroom.delivery.spec import Truth
from postroom.web.pages import Truth as TruthKey

#: States of deliveries as the status component knows them.
DELIVERY_STATUS = {"ready": "ready", "sending": "sending", "sent": "sent"}
_TRUTHS: dict[int, TruthKey] = {
    Truth.NONE: "",
    Truth.ACCEPTED: "accepted",
    Truth.RELAYED: "relayed",
    Truth.CONFIRMED: "confirmed",
    Truth.READ: "read",
}


def moment(at: dt.datetime | None) -> str:
    """12 Nov 2026, 10:24."""
    return formats.date_format(timezone.localtime(at), pgettext("date format", "j M Y, H:i")) if at else ""


def weekday_moment(at: dt.datetime) -> str:
    """Thu 12 Nov 2026, 10:24."""
    return formats.date_format(timezone.localtime(at), pgettext("date format", "D j M Y, H:i"))


def exact(at: dt.datetime | None) -> str:
    """With seconds: for evidence."""
    return formats.date_format(timezone.localtime(at), pgettext("date format", "j M Y, H:i:s")) if at else ""


def day(on: dt.date | None) -> str:
    """12 Nov 2026."""
    return formats.date_format(on, pgettext("date format", "j M Y")) if on else ""


def money(amount: Decimal | None, currency: str) -> str:
    """EUR 1,533.50, in the reader's language."""
    if amount is None:
        return ""
    locale = translation.to_locale(translation.get_language() or "en")
    text = numbers.format_decimal(amount, format="#,##0.00", locale=locale)
    return pgettext("money", "{currency} {amount}").format(currency=currency, amount=text)


def decimal(number: float) -> str:
    """1.5, with one place."""
    locale = translation.to_locale(translation.get_language() or "en")
    return str(numbers.format_decimal(number, format="#,##0.0", locale=locale))


def count(number: int) -> str:
    """1,204."""
    locale = translation.to_locale(translation.get_language() or "en")
    return str(numbers.format_decimal(number, locale=locale))


def truth(level: int) -> TruthKey:
    """The key of a truth level."""
    return _TRUTHS.get(level, "")


def who(actor: str, names: dict[str, str]) -> str:
    """An actor of the ledger in words."""
    kind, _, number = actor.partition(":")
    if kind == "user":
        return names.get(actor, gettext("Somebody who worked here"))
    if kind == "token":
        return gettext("A program with token {number}").format(number=number)
    if kind == "party":
        return gettext("The customer")
    return gettext("Postroom")


def stamp(at: dt.datetime | None) -> str:
    """12.11.26 10:24: as a rubber stamp has it."""
    return formats.date_format(timezone.localtime(at), "d.m.y H:i") if at else ""


def truth_word(level: int) -> str:
    """The level of truth in one word, for a stamp."""
    return {
        Truth.ACCEPTED: gettext("accepted"),
        Truth.RELAYED: gettext("relayed"),
        Truth.CONFIRMED: gettext("confirmed"),
        Truth.READ: gettext("read"),
    }.get(Truth(level), "")


def size(octets: int) -> str:
    """64 kB."""
    locale = translation.to_locale(translation.get_language() or "en")
    if octets >= 1_000_000:
        return f"{numbers.format_decimal(octets / 1_000_000, format='#,##0.0', locale=locale)} MB"
    return f"{numbers.format_decimal(max(1, round(octets / 1000)), locale=locale)} kB"


def local(at: dt.datetime) -> dt.datetime:
    """A moment on the reader's clock."""
    return timezone.localtime(at)


def promises(kept: Iterable[str]) -> str:
    """PDF/A-2a, PDF/UA-1: what a template keeps to, written as the standards write themselves."""
    return ", ".join(one[:-1].upper() + one[-1] if one.startswith("pdf/") else one for one in kept)
