"""What people choose for a list: saved views, columns, density. Everything returns to the list it came from."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext

from postroom.identity.models import User
from postroom.kernel.errors import BadInput, NotFound
from postroom.web import asked, choices
from postroom.web.access import acts
from postroom.web.answers import go
from postroom.web.fill.columns import columns_of
from postroom.web.fill.listing import NEEDS, address, filters_of, read_undo, undo_token
from postroom.web.models import SavedView
from postroom.web.shell import actor_of


@acts()
def save(request: HttpRequest) -> HttpResponse:
    """Keeps the filters of a list under a name."""
    list_key = _list(request)
    query = filters_of(list_key, QueryDict(asked.posted(request, "query")[:4000])).urlencode()
    if not query:
        raise BadInput(
            gettext("There is no filter to be kept."), hint=gettext("Search or filter first; then save what you see.")
        )
    try:
        view = choices.save_view(_user(request), list_key, asked.posted(request, "name"), query)
    except BadInput as error:
        return _refused(request, error, address(list_key, query))
    messages.success(request, gettext("Saved as “{name}”.").format(name=view.name))
    return go(request, address(list_key, view.query))


@acts()
def rename(request: HttpRequest) -> HttpResponse:
    view = _view(request)
    try:
        view = choices.rename_view(_user(request), str(view.pk), asked.posted(request, "name"))
    except BadInput as error:
        return _refused(request, error, address(view.list_key, view.query))
    return go(request, address(view.list_key, view.query))


@acts()
def pin(request: HttpRequest) -> HttpResponse:
    """Shows a view on Home, or takes it from there."""
    view = choices.pin_view(_user(request), str(_view(request).pk), pinned=request.POST.get("pinned") == "1")
    said = gettext("“{name}” is on Home.") if view.pinned else gettext("“{name}” is not on Home any more.")
    messages.success(request, said.format(name=view.name))
    return go(request, address(view.list_key, view.query))


@acts()
def delete(request: HttpRequest) -> HttpResponse:
    """Deletes at once; the list it leads to offers to undo it."""
    view, user = _view(request), _user(request)
    token = undo_token(user.pk, view.list_key, view.name, view.query, view.pinned)
    view.delete()
    return go(request, address(view.list_key, urlencode({"undo": token})))


@acts()
def restore(request: HttpRequest) -> HttpResponse:
    """Undoes the deletion of a view. Twice is once."""
    user = _user(request)
    held = read_undo(asked.posted(request, "token"), user.pk)
    if held is None:
        raise BadInput(gettext("This cannot be undone any more."), hint=gettext("Set the filters again and save them."))
    list_key, name, query, pinned = held
    view = choices.save_view(user, list_key, name, query, pinned=pinned)
    messages.success(request, gettext("“{name}” is back.").format(name=name))
    return go(request, address(list_key, view.query))


@acts()
def columns(request: HttpRequest) -> HttpResponse:
    """Keeps which columns of a list are shown, in which order. ``move`` is "key:up" or "key:down", ``reset``."""
    list_key, user = _list(request), _user(request)
    known = [column.key for column in columns_of(list_key)]
    order = [key for key in request.POST.getlist("order") if key in known]
    order += [key for key in known if key not in order]
    moved, _, way = asked.posted(request, "move").partition(":")
    if moved in order:
        at = order.index(moved)
        to = max(0, min(len(order) - 1, at + (-1 if way == "up" else 1)))
        order.insert(to, order.pop(at))
    ticked = set(request.POST.getlist("column"))
    shown = [] if "reset" in request.POST else [key for key in order if key in ticked]
    choices.choose_columns(user, list_key, shown)
    at_edge = moved in order and order.index(moved) in (0, len(order) - 1)
    there = f"{moved}:{way}" if not at_edge else f"{moved}:{'up' if way == 'down' else 'down'}"
    return go(request, _back(request, list_key, open="columns", at=there) if moved else _back(request, list_key))


@acts()
def density(request: HttpRequest) -> HttpResponse:
    """Keeps how close rows stand, on every list."""
    choices.choose_density(_user(request), asked.posted(request, "density"))
    return go(request, _back(request, _list(request)))


def _list(request: HttpRequest) -> str:
    """The list that is meant, if this person may see it."""
    found, actor = asked.posted(request, "list"), actor_of(request)
    if not found:
        raise BadInput(gettext("Which list is meant?"), hint=gettext("Go back and reload the page."))
    if found not in NEEDS or not all(actor.may(need) for need in NEEDS[found]):
        raise NotFound(gettext("There is no such list."), hint=gettext("Go back and reload the page."))
    return found


def _view(request: HttpRequest) -> SavedView:
    meant = asked.posted(request, "view")
    if not meant:
        raise BadInput(gettext("Which view is meant?"), hint=gettext("Go back and reload the page."))
    return choices.view_of(_user(request), meant)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _refused(request: HttpRequest, error: BadInput, to: str) -> HttpResponse:
    messages.error(request, f"{error.message} {error.hint}".strip())
    return go(request, to)


def _back(request: HttpRequest, list_key: str, **opened: str) -> str:
    """The list as it was, with what was open still open and the button that was pressed in focus (the other one of
    its row at an end of the list). Leads nowhere else (CWE-601)."""
    plain, asked_for = address(list_key), asked.posted(request, "back")
    at_home = url_has_allowed_host_and_scheme(asked_for, allowed_hosts=None) and asked_for.isprintable()
    query = QueryDict(asked_for.partition("?")[2] if at_home and asked_for.startswith(plain) else "", mutable=True)
    for name in ("open", "at"):
        query.pop(name, None)
    for name, value in opened.items():
        query[name] = value
    return f"{plain}?{query.urlencode()}" if query else plain
