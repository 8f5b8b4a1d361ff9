"""``{% load lists %}``: the columns a table of rows shows when nobody chose any."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django import template

from postroom.web.fill.columns import columns_of
from postroom.web.pages import Column

register = template.Library()


@register.simple_tag
def columns(list_key: str, chosen: Sequence[Column] | None = None, leave_out: str = "") -> tuple[Column, ...]:
    """The chosen columns, or those of a list within another page, without one that would say the same in each row."""
    found = tuple(chosen or (column for column in columns_of(list_key) if column.shown))
    return tuple(column for column in found if column.key != leave_out)


@register.filter
def dashed(row_id: str) -> str:
    """An id as addresses write it."""
    return str(uuid.UUID(row_id))
