"""Cursor paging of lists: stable while rows come in at the top."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from postroom.web.pages import Paging
from postroom.web.words import count

M = TypeVar("M", bound=Model)
PAGE = 50
_SALT = "postroom.paging"


def page_of(request: HttpRequest, rows: QuerySet[M], at: str = "created_at", size: int = PAGE) -> tuple[list[M], Paging]:
    """One page of ``rows`` ordered newest first by ``at`` and id."""
    cursor = _cursor(request.GET.get("before", ""))
    total = rows.count()
    found = rows.order_by(f"-{at}", "-pk")
    if cursor:
        moment, row_id = cursor
        found = found.filter(Q(**{f"{at}__lt": moment}) | Q(**{at: moment, "pk__lt": row_id}))
    page = list(found[: size + 1])
    older = ""
    if len(page) > size:
        page = page[:size]
        last: Any = page[-1]
        older = _url(request, signing.dumps([getattr(last, at).isoformat(), str(last.pk)], salt=_SALT))
    shown = f"{count(len(page))} / {count(total)}"
    return page, Paging(shown=shown, newer_url=_url(request, "") if cursor else "", older_url=older)


def _cursor(text: str) -> tuple[dt.datetime, uuid.UUID] | None:
    if not text:
        return None
    try:
        moment, row_id = signing.loads(text, salt=_SALT)
        return dt.datetime.fromisoformat(moment), uuid.UUID(row_id)
    except (signing.BadSignature, ValueError, TypeError):
        return None  # an old or cut bookmark shows the first page


def _url(request: HttpRequest, before: str) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    if before:
        query["before"] = before
    return f"{request.path}?{query.urlencode()}"
