"""The way into the settings, health, and about."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from postroom.web.access import needs
from postroom.web.answers import go, show
from postroom.web.fill.settings import house
from postroom.web.fill.settings.tabs import tabs
from postroom.web.shell import actor_of
from postroom.web.views.settings.someone import someone


@needs()
def index(request: HttpRequest) -> HttpResponse:
    """Leads to the first page there is for this person."""
    return go(request, tabs(someone(request), "")[0].url)


@needs("health.view")
def health(request: HttpRequest) -> HttpResponse:
    return show(request, "desk/settings/health.html", house.health_page(actor_of(request)))


@needs()
def about(request: HttpRequest) -> HttpResponse:
    return show(request, "desk/settings/about.html", house.about_page(someone(request)))
