"""The columns of each list that may be chosen and moved. The first column, which names the row, always stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext

from postroom.web.pages import Column


def _columns(list_key: str) -> tuple[Column, ...]:
    every: dict[str, tuple[Column, ...]] = {
        "documents": (
            Column(key="party", label=gettext("For")),
            Column(key="status", label=gettext("Delivery")),
            Column(key="amount", label=gettext("Amount"), number=True),
            Column(key="date", label=gettext("Date")),
            Column(key="folder", label=gettext("Folder"), shown=False),
            Column(key="language", label=gettext("Language"), shown=False),
        ),
        "deliveries": (
            Column(key="party", label=gettext("For")),
            Column(key="channel", label=gettext("Channel")),
            Column(key="status", label=gettext("State")),
            Column(key="when", label=gettext("When")),
            Column(key="created", label=gettext("Made"), shown=False),
            Column(key="number", label=gettext("Number"), shown=False),
        ),
        "runs": (
            Column(key="status", label=gettext("State")),
            Column(key="source", label=gettext("Source and template")),
            Column(key="meter", label=gettext("Received to done")),
            Column(key="received", label=gettext("In"), number=True),
            Column(key="done", label=gettext("Done"), number=True),
            Column(key="set_aside", label=gettext("Set aside"), number=True),
            Column(key="in_progress", label=gettext("Under way"), number=True),
            Column(key="difference", label=gettext("Difference"), number=True),
            Column(key="started", label=gettext("Started")),
        ),
        "parties": (
            Column(key="place", label=gettext("Place")),
            Column(key="language", label=gettext("Language")),
            Column(key="channel", label=gettext("Wants it by")),
            Column(key="documents", label=gettext("Documents"), number=True),
            Column(key="last", label=gettext("Last")),
            Column(key="email", label=gettext("E-mail"), shown=False),
        ),
    }
    return every.get(list_key, ())


def columns_of(list_key: str, chosen: Sequence[str] = ()) -> tuple[Column, ...]:
    """All columns of a list: the chosen ones first, in their order, then the others, hidden. None chosen: as it
    comes. Keys there are not (any more) count for nothing."""
    known = {column.key: column for column in _columns(list_key)}
    first = [key for key in dict.fromkeys(chosen) if key in known]
    if not first:
        return tuple(known.values())
    shown = [replace(known[key], shown=True) for key in first]
    return tuple(shown + [replace(column, shown=False) for key, column in known.items() if key not in first])
