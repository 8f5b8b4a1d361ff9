"""The first page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from postroom.web.access import acts, needs
from postroom.web.answers import go, show, show_part
from postroom.web.choices import views_of
from postroom.web.fill import follow, home, no_role
from postroom.web.shell import actor_of


@needs()
def page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not actor.permissions:
        return show(request, "desk/no_role.html", no_role.page_of(str(request.user)))
    pinned = views_of(request.user, pinned=True)
    return show(request, "desk/home.html", home.page_of(actor, follow.walk(request, actor), pinned))


@needs()
def live(request: HttpRequest) -> HttpResponse:
    return show_part(request, "desk/_home_live.html", home.page_of(actor_of(request)))


@needs()
def step(request: HttpRequest, number: int) -> HttpResponse:
    """One step of the walk along an order: noted as done, then on to its page."""
    return go(request, follow.take(request, actor_of(request), number))


@acts()
def hide(request: HttpRequest) -> HttpResponse:
    """Puts the walk away for this session."""
    follow.hide(request)
    return go(request, reverse("home"))
