"""Lists a page at a time, by the last row seen and not by counting: rows that come in meanwhile shift nothing.

The cursor is the place after that row, signed, and bound to its list and filters, so that it can only go on there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from postroom.api.errors import BadCursor

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")

_SALT = "postroom.api.cursor"
MOST = 200


class Page(Schema, Generic[Item]):
    """One page of a list. ``next`` is the address of the following one, null on the last."""

    items: list[Item]
    next: str | None = None


class Paging(Schema):
    """How much of a list, and where to go on."""

    limit: int = Field(50, ge=1, le=MOST, description="Rows of one page.")
    cursor: str = Field("", max_length=1000, description="Taken from the `next` address of the page before.")


def page(
    request: HttpRequest, rows: QuerySet[Row], keys: Sequence[str], paging: Paging, show: Callable[[Row], Item]
) -> dict[str, Any]:
    """Rows after the cursor as a ``Page``. ``keys`` order the list and end with a unique one, all in one direction:
    ``("-created_at", "-id")``. Raises BadCursor."""
    down = keys[0].startswith("-")
    names = [key.lstrip("-") for key in keys]
    filters = {
        name: str(said) for name, said in sorted(request.GET.items()) if name not in ("cursor", "limit") and said
    }
    bound = _bound_to(request.path, filters)
    if paging.cursor:
        rows = rows.filter(_after(names, _opened(paging.cursor, bound, rows, names), "lt" if down else "gt"))
    found = list(rows.order_by(*keys)[: paging.limit + 1])
    following = None
    if len(found) > paging.limit:
        found.pop()
        place = [_plain(_value(found[-1], name)) for name in names]
        cursor = signing.dumps([bound, *place], salt=_SALT)
        following = f"{request.path}?{urlencode({**filters, 'limit': paging.limit, 'cursor': cursor})}"
    return {"items": [show(row) for row in found], "next": following}


def _bound_to(path: str, filters: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps([path, filters], sort_keys=True).encode()).hexdigest()[:12]


def _opened(cursor: str, bound: str, rows: QuerySet[Row], names: Sequence[str]) -> list[Any]:
    hint = "Start again without a cursor, and change filters only then."
    try:
        list_of, *place = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadCursor("The cursor is not one of ours.", hint=hint) from error
    if list_of != bound or len(place) != len(names):
        raise BadCursor("The cursor belongs to another list or other filters.", hint=hint)
    return list(place)


def _after(names: Sequence[str], place: Sequence[Any], beyond: str) -> Q:
    """``(a, b) < (x, y)`` written out, with ``a <= x`` in front so that the index of the list is used."""
    name, value = names[0], place[0]
    if len(names) == 1:
        return Q(**{f"{name}__{beyond}": value})
    rest = _after(names[1:], place[1:], beyond)
    return Q(**{f"{name}__{beyond}e": value}) & (Q(**{f"{name}__{beyond}": value}) | rest)


def _value(row: Model, name: str) -> Any:
    value: Any = row
    for step in name.split("__"):
        value = getattr(value, step)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value if isinstance(value, int | str) else str(value)
