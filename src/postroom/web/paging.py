"""Cursor paging of lists: stable while rows come in at the top. Counts are exact to 10,000, and "10,000+" above."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.core import signing
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from postroom.web.pages import Paging
from postroom.web.words import count

M = TypeVar("M", bound=Model)
PAGE = 50
NEWEST = ("-created_at", "-pk")
#: Beyond this nobody counts: neither the database, nor whoever reads the page.
COUNTED = 10_000
_SALT = "postroom.paging"


def how_many(rows: QuerySet[Any]) -> int:
    """How many rows there are, exact to ``COUNTED``; one more than that stands for all that are more."""
    return rows.order_by().values("pk")[: COUNTED + 1].count()


def how_many_each(lists: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """``how_many`` of several lists in one query."""
    parts: list[tuple[str, str]] = []
    params: list[Any] = []
    for key, rows in lists.items():
        try:
            sql, given = rows.order_by().values("pk")[: COUNTED + 1].query.sql_with_params()
        except EmptyResultSet:  # nothing can match, and Django says so before the database does
            continue
        parts.append((key, f"(SELECT count(*) FROM ({sql}) AS counted)"))  # noqa: S608  Django's own text
        params.extend(given)
    found = dict.fromkeys(lists, 0)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(part for _, part in parts), params)
            found.update(zip((key for key, _ in parts), cursor.fetchone(), strict=True))
    return found


def how_many_text(number: int) -> str:
    """1,204; or 10,000+."""
    if number > COUNTED:
        return gettext("{count}+").format(count=count(COUNTED))
    return count(number)


def page_of(
    request: HttpRequest,
    rows: QuerySet[M],
    keys: Sequence[str] = NEWEST,
    size: int = PAGE,
    total: int | None = None,
) -> tuple[list[M], Paging, int]:
    """One page of ``rows`` in the order of ``keys``, its paging, and how many rows there are (``how_many``).

    ``keys`` are fields of the model, all in one direction, the last one unique. ``total`` is how many there are,
    for who has counted them already.
    """
    down, names = keys[0].startswith("-"), [key.lstrip("-") for key in keys]
    place = _opened(request.GET.get("before", ""), len(keys))
    total = how_many(rows) if total is None else total
    found = rows.order_by(*keys)
    if place:
        found = found.filter(_after(names, place, "lt" if down else "gt"))
    try:
        page = list(found[: size + 1])
    except (ValidationError, ValueError):  # a bookmark made for another list
        place, page = [], list(rows.order_by(*keys)[: size + 1])
    older = ""
    if len(page) > size:
        page = page[:size]
        older = _url(request, signing.dumps([_plain(getattr(page[-1], name)) for name in names], salt=_SALT))
    shown = gettext("{shown} of {total}").format(shown=count(len(page)), total=how_many_text(total))
    return page, Paging(shown=shown, newer_url=_url(request, "") if place else "", older_url=older), total


def _after(names: Sequence[str], place: Sequence[Any], beyond: str) -> Q:
    """``(a, b) < (x, y)`` written out, with ``a <= x`` in front so that the index of the list is used."""
    name, value = names[0], place[0]
    if len(names) == 1:
        return Q(**{f"{name}__{beyond}": value})
    rest = _after(names[1:], place[1:], beyond)
    return Q(**{f"{name}__{beyond}e": value}) & (Q(**{f"{name}__{beyond}": value}) | rest)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value if isinstance(value, int | str) else str(value)


def _opened(cursor: str, length: int) -> list[Any]:
    if not cursor:
        return []
    try:
        place = signing.loads(cursor, salt=_SALT)
    except signing.BadSignature:
        return []  # an old or cut bookmark shows the first page
    return list(place) if isinstance(place, list) and len(place) == length else []


def _url(request: HttpRequest, before: str) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    if before:
        query["before"] = before
    return f"{request.path}?{query.urlencode()}"
