"""Whose paper a record set aside would have become: read from its data, at the places its template names.

A person knows a record by its receiver and its amount, not by its line. The data may be wrong in any way (that is why
it is here), so whatever cannot be read is left out; nothing of it is decided upon.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from postroom.composition.paths import look
from postroom.composition.queries import live_pack
from postroom.kernel.errors import PostroomError
from postroom.production import exact_json
from postroom.production.models import SetAside
from postroom.web import words

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Whose:
    """Texts, empty where the record does not say."""

    name: str = ""
    key: str = ""
    number: str = ""
    amount: str = ""


def whose(row: SetAside) -> Whose:
    """The receiver and the amount. Templates are loaded once per process, so a list of rows asks no more."""
    if not row.record.data:
        return Whose()
    try:
        data = exact_json.loads(row.record.data)
        at = live_pack(row.run.template_version_id).pack.at
    except (PostroomError, json.JSONDecodeError, RecursionError, OSError):
        return Whose()  # unreadable data, or a template whose files are damaged: the row itself tells of the fault
    told = {part: _text(look(data, at[part])) for part in ("name", "key", "number", "amount", "currency") if part in at}
    return Whose(
        name=told.get("name", ""),
        key=told.get("key", ""),
        number=told.get("number", ""),
        amount=_money(told.get("amount", ""), told.get("currency", "")),
    )


def _text(value: Any) -> str:
    plain = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
    return " ".join(str(value).split())[:_LONGEST] if plain else ""


def _money(amount: str, currency: str) -> str:
    """As money where it is a number; else nothing, because a wrong amount shown as one would be believed."""
    try:
        value = Decimal(amount)
    except InvalidOperation:
        return ""
    return words.money(value, currency) if value.is_finite() and abs(value) < Decimal(10) ** 15 else ""
