"""Parts of the house that many templates share: what content blocks and brands have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from postroom.composition.errors import UnknownPart
from postroom.composition.life_models import OPEN, PUBLISHED, HousePart, HouseVersion
from postroom.kernel import clock


def part(kind: str, key: str) -> HousePart:
    """Raises UnknownPart."""
    found = HousePart.objects.filter(kind=kind, key=key).first()
    if found is None:
        called = "content block" if kind == "block" else "brand"
        raise UnknownPart(f"There is no {called} {key!r}.", hint="See the list under Templates.")
    return found


def in_force(kind: str, key: str, at: dt.datetime | None = None) -> HouseVersion | None:
    """The version of a part at a moment (None: now): of those that have begun, the one that began last."""
    begun = published(kind, key).filter(begins__lte=at or clock.now())
    found: HouseVersion | None = begun.order_by("-begins", "-no").first()
    return found


def published(kind: str, key: str) -> QuerySet[Any, Any]:
    """Its published versions, each with ``begins``."""
    rows = HouseVersion.objects.select_related("part").filter(part__kind=kind, part__key=key, state=PUBLISHED)
    return rows.annotate(begins=Coalesce("valid_from", "published_at"))


def on_its_way(kind: str, key: str) -> HouseVersion | None:
    """The change of a part that is not published yet."""
    rows = HouseVersion.objects.select_related("part").filter(part__kind=kind, part__key=key, state__in=OPEN)
    return rows.first()


def keys(kind: str) -> list[str]:
    """Keys of parts that were published at least once."""
    rows = HousePart.objects.filter(kind=kind, versions__state=PUBLISHED).order_by("key").distinct()
    return list(rows.values_list("key", flat=True))
