"""``when:`` of template.yaml: whether something is wanted for a record.

``when: note`` asks whether the field holds something. A mapping asks for all of its fields: ``{currency: EUR}`` is that
value, ``{currency: [EUR, CHF]}`` one of them, ``""`` nothing, ``"!="`` something, and a sign before the value compares:
``"!= EUR"``, ``"> 1000"``, ``">= 1000"``, ``"< 0"``, ``"<= 2026-12-31"``; ``"= > 5"`` is the text ``> 5``. A list of
mappings asks for any one of them. Figures are compared as decimals (P9), days as days; what a record lacks is neither
above nor below anything.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from postroom.composition.paths import look, split

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_SIGN = re.compile(r"(!=|>=|<=|>|<|=)(?:\s+|$)(.*)", re.DOTALL)
_ORDERS = frozenset({">", ">=", "<", "<="})


def _comparable(value: str) -> str:
    """A value as it may stand in template.yaml. Raises ValueError for an order of what has none."""
    sign, wanted = parted(value)
    if sign in _ORDERS and _figure(wanted) is None and _day(wanted) is None:
        raise ValueError(f"{value!r} compares with what is neither a figure nor a day such as 2026-12-31")
    return value


WherePath = Annotated[str, StringConstraints(pattern=rf"^{_NAME}(\.{_NAME})*$", max_length=200)]
Value = Annotated[str, StringConstraints(max_length=200), AfterValidator(_comparable)]
Wanted = Value | Annotated[tuple[Value, ...], Field(min_length=1)]
#: The type of a ``when:`` for models of template.yaml.
When = WherePath | dict[WherePath, Wanted] | Annotated[tuple[dict[WherePath, Wanted], ...], Field(min_length=1)]
Told = str | Mapping[str, str | Sequence[str]] | Sequence[Mapping[str, str | Sequence[str]]]


def wanted(record: dict[str, Any], when: Told | None) -> bool:
    """Whether the condition holds; None always does."""
    if when is None:
        return True
    if isinstance(when, str):
        return bool(look(record, split(when)))
    if isinstance(when, Mapping):
        return all(fits(look(record, split(path)), value) for path, value in when.items())
    return any(wanted(record, case) for case in when)


def paths_of(when: Told | None) -> Iterator[str]:
    """The fields a condition asks for, to be held against the contract."""
    if isinstance(when, str):
        yield when
    elif isinstance(when, Mapping):
        yield from when
    else:
        for case in when or ():
            yield from case


def fits(value: Any, told: str | Sequence[str]) -> bool:
    """Whether a value of a record is what ``told`` asks for."""
    if not isinstance(told, str):
        return any(fits(value, one) for one in told)
    sign, wanted_value = parted(told)
    if sign == "!=":
        return not _empty(value) if not wanted_value else _plain(value) != wanted_value
    if sign in _ORDERS:
        return _ordered(value, sign, wanted_value)
    return _plain(value) == wanted_value if wanted_value else _empty(value)


def parted(told: str) -> tuple[str, str]:
    """The sign of a value and what it is compared with; no sign is ``=``."""
    found = _SIGN.fullmatch(told)
    return (found[1], found[2].strip()) if found else ("=", told)


def _ordered(value: Any, sign: str, told: str) -> bool:
    here: Any = _figure(value)
    there: Any = _figure(told)
    if here is None or there is None:
        here, there = _day(value), _day(told)
    if here is None or there is None:
        return False
    return bool({">": here > there, ">=": here >= there, "<": here < there, "<=": here <= there}[sign])


def _figure(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        figure = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _plain(value: Any) -> str:
    """A value as it is written in template.yaml."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
