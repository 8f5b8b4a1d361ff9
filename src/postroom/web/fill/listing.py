"""The furniture around a list: its saved views as tabs, its filters as chips, its columns, what can be done with
what is selected. All of it is addresses, so that it works by reload and can be sent to a colleague."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from postroom.identity.actor import Actor
from postroom.web.choices import choices_of, views_of
from postroom.web.fill.columns import columns_of
from postroom.web.fill.glimpse import glimpse_of
from postroom.web.pages import BulkAct, Chip, Peek, Tools, Undo, ViewTab
from postroom.web.pages.lists import ListKey
from postroom.web.paging import how_many_text

#: Where each list lives.
ROUTES: dict[ListKey, str] = {
    "documents": "documents",
    "deliveries": "deliveries",
    "runs": "runs",
    "parties": "parties",
    "set_aside": "set-aside-all",
}
#: What it takes to see each.
NEEDS: dict[str, tuple[str, ...]] = {
    "documents": ("document.view",),
    "deliveries": ("delivery.view",),
    "runs": ("run.view",),
    "parties": ("party.view",),
    "set_aside": ("run.view", "record.view"),
}
#: Parameters that are filters; all others (the page, the open panel) are no part of a saved view.
FILTERS: dict[str, tuple[str, ...]] = {
    "documents": ("q", "kind", "folder", "year", "language", "state", "party", "from", "to", "min", "max", "run"),
    "deliveries": ("q", "state", "channel", "run", "party"),
    "runs": ("state", "q"),
    "parties": ("q",),
    "set_aside": ("run", "template", "stage", "code"),
}
_UNDO, _UNDO_SECONDS = "postroom.undo-view", 3600


def filters_of(list_key: str, given: QueryDict) -> QueryDict:
    """The filters alone, without empty ones, in one order: two addresses of the same list become the same text."""
    kept = QueryDict(mutable=True)
    for name in FILTERS[list_key]:
        values = [" ".join(value.replace("\x00", " ").split())[:300] for value in given.getlist(name)[:40]]
        if any(values):
            kept.setlist(name, sorted(dict.fromkeys(value for value in values if value)))
    return kept


def address(list_key: str, query: str = "") -> str:
    """The list with these filters."""
    plain = reverse(ROUTES[list_key])  # type: ignore[index]
    return f"{plain}?{query}" if query else plain


def without(list_key: str, kept: QueryDict, name: str, value: str = "") -> str:
    """The list without one filter, or without one value of it."""
    rest = kept.copy()
    left = [each for each in rest.getlist(name) if value and each != value]
    rest.setlist(name, left)
    if not left:
        rest.pop(name)
    return address(list_key, rest.urlencode())


def tools_of(
    request: HttpRequest,
    actor: Actor,
    list_key: ListKey,
    total: int,
    *,
    chips: Mapping[str, tuple[str, Callable[[str], str]]],
    acts: Sequence[BulkAct] = (),
    peek: Peek | None = None,
    export: str = "",
) -> Tools:
    """``chips``: how each filter is called and how its value is said; ``export``: the address of the list as CSV."""
    kept, choices = filters_of(list_key, request.GET), choices_of(request.user)
    query = kept.urlencode()
    return Tools(
        key=list_key,
        url=reverse(ROUTES[list_key]),
        query=query,
        hidden=pairs(kept),
        tabs=_tabs(request, list_key, query),
        chips=tuple(
            Chip(label=chips[name][0], value=chips[name][1](value), url=without(list_key, kept, name, value))
            for name, value in pairs(kept)
            if name in chips and name != "q"
        ),
        columns=columns_of(list_key, choices.columns.get(list_key, ())),
        own_columns=bool(choices.columns.get(list_key)),
        columns_open=request.GET.get("open") == "columns",
        columns_at=request.GET.get("at", "")[:60],
        density=choices.density,
        acts=tuple(acts),
        total=total,
        total_text=how_many_text(total),
        export_url=f"{export}?{query}" if export and query else export,
        peek=peek,
        undo=undo_of(request),
        empty_url=reverse("run-new") if actor.may("run.view") and actor.may("run.start") else "",
        samples_command="postroom demo" if actor.may("run.start") and not settings.CONFIG.demo else "",
        glimpse=() if total else glimpse_of(list_key),
    )


def pairs(kept: QueryDict) -> tuple[tuple[str, str], ...]:
    """Filters as they stand in hidden fields."""
    return tuple((name, str(value)) for name, values in kept.lists() for value in values)


def same(value: str) -> str:
    """A value that is said as it was typed."""
    return value


def _tabs(request: HttpRequest, list_key: ListKey, query: str) -> tuple[ViewTab, ...]:
    saved = views_of(request.user, list_key)
    tabs = [
        ViewTab(
            id=str(view.pk),
            name=view.name,
            url=address(list_key, view.query),
            current=view.query == query and bool(query),
            pinned=view.pinned,
        )
        for view in saved
    ]
    return (ViewTab(name=gettext("Everything"), url=address(list_key), current=not query), *tabs)


def undo_token(user_id: int, list_key: str, name: str, query: str, pinned: bool) -> str:
    """What it takes to bring a deleted view back: signed, for one person, for an hour."""
    return signing.dumps([user_id, list_key, name, query, pinned], salt=_UNDO)


def read_undo(token: str, user_id: int) -> tuple[str, str, str, bool] | None:
    """The view in the token; None when it is not theirs, too old or no token."""
    try:
        found = signing.loads(token, salt=_UNDO, max_age=_UNDO_SECONDS)
    except signing.BadSignature:
        return None
    if not isinstance(found, list) or len(found) != 5 or found[0] != user_id:
        return None
    return str(found[1]), str(found[2]), str(found[3]), bool(found[4])


def undo_of(request: HttpRequest) -> Undo | None:
    """The note "Deleted … Undo" after a view was deleted; it stands in the address, so a reload keeps it."""
    token = request.GET.get("undo", "")
    held = read_undo(token, request.user.pk or 0) if token else None
    if held is None:
        return None
    said = gettext("The view “{name}” was deleted.").format(name=held[1])
    return Undo(said=said, token=token, url=reverse("view-restore"))
