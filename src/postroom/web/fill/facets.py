"""Facets of the archive: by what the documents found differ, each value with its count.

Counts are exact to 10,000; beyond that a number says no more to a person and costs a scan. A facet counts without its
own choice, so that another value can be added. Only what the actor may see is counted (P7): it starts at ``search``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import ExtractYear
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from postroom.documents.models import Document, Folder
from postroom.identity.actor import Actor
from postroom.web.fill import found, names
from postroom.web.fill.listing import address, filters_of, without
from postroom.web.pages import Facet, Facets, FacetValue
from postroom.web.paging import COUNTED, how_many, how_many_each, how_many_text
from postroom.web.words_states import state_word

_MOST_VALUES = 12


def facets_of(request: HttpRequest, actor: Actor) -> Facets:
    """All facets, counted."""
    groups = tuple(group for facet in found.FACETS if (group := _facet(request, actor, facet)) is not None)
    return place_of(request, groups=groups)


def place_of(request: HttpRequest, groups: tuple[Facet, ...] | None = None) -> Facets:
    """Where facets come from, before they are there. ``mark`` changes with the filters, so that they load again."""
    query = filters_of("documents", request.GET).urlencode()
    plain = reverse("document-facets")
    return Facets(
        url=f"{plain}?{query}" if query else plain,
        whole_url=address("documents", f"{query}&facets=1" if query else "facets=1"),
        groups=groups or (),
        loaded=groups is not None,
        mark=f"{sum(ord(letter) * (at + 7) for at, letter in enumerate(query)):x}",
    )


def _facet(request: HttpRequest, actor: Actor, facet: str) -> Facet | None:
    if facet == "state" and not actor.may("delivery.view"):
        return None
    rows = found.documents(request, actor, leave_out=facet)
    chosen = found.chosen(request, facet)
    counts = _states(actor, rows) if facet == "state" else _counts(rows, facet)
    for value in chosen:
        counts.setdefault(value, 0)
    ordered: Iterable[str] = counts
    if facet == "year":
        ordered = sorted(counts, reverse=True)
    elif facet != "state":
        ordered = sorted(counts, key=lambda value: (-counts[value], value))
    shown = [value for value in ordered if counts[value] or value in chosen][:_MOST_VALUES]
    if len(shown) < 2 and not chosen:
        return None  # a choice of one narrows nothing
    say = _says(facet)
    return Facet(
        key=facet,
        title=_titles()[facet],
        values=tuple(
            _value(
                facet,
                value,
                label=say.get(value, value) if facet != "language" else names.language(value),
                count=counts[value],
                url=_toggled(request, facet, value, value in chosen),
                chosen=value in chosen,
            )
            for value in shown
        ),
    )


def _value(facet: str, value: str, *, label: str, count: int, url: str, chosen: bool) -> FacetValue:
    return FacetValue(
        label=label,
        count=how_many_text(count),
        url=url,
        chosen=chosen,
        part_url=f"{url}{'&' if '?' in url else '?'}facets=1",
        id=f"facet-{facet}-{hashlib.sha256(value.encode()).hexdigest()[:8]}",  # a value may be no name of an element
    )


def _counts(rows: QuerySet[Document], facet: str) -> dict[str, int]:
    """One question for a facet: grouped while they are few, else limited one by one, so that it costs the
    same in any archive."""
    field = "folder_id" if facet == "folder" else facet
    some = rows.annotate(year=ExtractYear("issued_on")) if facet == "year" else rows
    if how_many(rows) <= COUNTED:
        counted = some.order_by().values(field).annotate(n=Count("pk")).values_list(field, "n")
        return {str(value): number for value, number in counted if value}
    if facet == "year":
        span = rows.order_by().aggregate(first=Min("issued_on"), last=Max("issued_on"))
        first = max(span["first"].year, span["last"].year - _MOST_VALUES + 1)
        years = range(first, span["last"].year + 1)
        return how_many_each({str(year): rows.filter(issued_on__year=year) for year in years})
    known: Iterable[str] = _languages(rows)
    if facet == "kind":
        known = names.kinds()
    elif facet == "folder":
        known = Folder.objects.values_list("key", flat=True)
    return how_many_each({str(value): rows.filter(**{field: value}) for value in known})


def _languages(rows: QuerySet[Document]) -> list[str]:
    """Those among the newest; a language none of them has is found by the search."""
    return sorted(set(rows.values_list("language", flat=True)[:2000]))


def _states(actor: Actor, rows: QuerySet[Document]) -> dict[str, int]:
    return how_many_each({state: rows.filter(found.state_filter(actor, [state])) for state in found.facet_states()})


def _toggled(request: HttpRequest, facet: str, value: str, is_chosen: bool) -> str:
    kept = filters_of("documents", request.GET)
    if is_chosen:
        return without("documents", kept, facet, value)
    kept.setlist(facet, sorted({*kept.getlist(facet), value}))
    return address("documents", filters_of("documents", kept).urlencode())


def _titles() -> dict[str, str]:
    return {
        "kind": gettext("Kind"),
        "state": gettext("Delivery"),
        "year": gettext("Year"),
        "folder": gettext("Folder"),
        "language": gettext("Language"),
    }


def _says(facet: str) -> dict[str, str]:
    if facet == "kind":
        return names.kinds()
    if facet == "folder":
        return dict(Folder.objects.values_list("key", "name"))
    if facet == "state":
        return {state: state_word(state) for state in found.facet_states()}
    return {}
