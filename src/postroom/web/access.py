"""The doors of the desk: each view says what it asks of its caller, and asks it before anything else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from postroom.identity.access import Access, declare
from postroom.web.shell import actor_of

View = Callable[..., HttpResponseBase]
_SEE, _ACT = ("GET", "HEAD"), ("POST",)


def needs(*permissions: str, post: tuple[str, ...] | None = None) -> Callable[[View], View]:
    """For people with all of ``permissions``; with none named, for everybody who is signed in.

    The view answers GET. With ``post`` it answers POST too, for people who have those permissions besides.
    """
    see = Access(needs=permissions)
    told = dict.fromkeys(_SEE, see)
    if post is not None:
        told["POST"] = Access(needs=(*permissions, *post))
    return _door(told)


def acts(*permissions: str) -> Callable[[View], View]:
    """Like ``needs``, for a view that only acts: it answers POST."""
    return _door({"POST": Access(needs=permissions)})


def public(reason: str) -> Callable[[View], View]:
    """For everybody, because of ``reason``."""
    return _open(Access(public=reason))


def customer(view: View) -> View:
    """For whoever brings a portal link; the view holds it against ``parties.portal``."""
    return _open(Access(customer=True))(view)


def _door(told: dict[str, Access]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            told[request.method or "GET"].admit(actor_of(request))
            return view(request, *args, **kwargs)

        return declare(told)(require_http_methods(list(told))(guarded))

    return mark


def _open(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        return declare(dict.fromkeys(_SEE, access))(require_http_methods(list(_SEE))(view))

    return mark
