"""The doors of the desk: each view says what it asks of its caller, and asks it before anything else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from postroom.identity.access import Access, declare
from postroom.web.answers import wrong_method
from postroom.web.shell import actor_of

View = Callable[..., HttpResponseBase]
_SEE, _ACT = ("GET", "HEAD"), ("POST",)


def needs(*permissions: str, post: tuple[str, ...] | None = None) -> Callable[[View], View]:
    """For people with all of ``permissions``; with none named, for everybody who is signed in.

    The view answers GET. With ``post`` it answers POST too, for people who have those permissions besides.
    """
    see = Access(needs=permissions, page=True)
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


def customer_acts(view: View) -> View:
    """Like ``customer``, for a view that answers POST besides."""
    return _open(Access(customer=True), (*_SEE, *_ACT))(view)


def _door(told: dict[str, Access]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            access = told.get(request.method or "GET")
            if access is None:
                return wrong_method(request, tuple(told))
            access.admit(actor_of(request))
            return view(request, *args, **kwargs)

        return declare(told)(guarded)

    return mark


def _open(access: Access, methods: tuple[str, ...] = _SEE) -> Callable[[View], View]:
    def mark(view: View) -> View:
        @functools.wraps(view)
        def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs) if request.method in methods else wrong_method(request, methods)

        return declare(dict.fromkeys(methods, access))(open_to_all)

    return mark
