"""The guide, the words, and the tour put away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from postroom.identity.models import User
from postroom.web.access import acts, needs
from postroom.web.answers import go, show, show_found
from postroom.web.fill import help as fill
from postroom.web.fill import help_tour


@needs()
def index(request: HttpRequest) -> HttpResponse:
    return show_found(request, "desk/help.html", "desk/_help_found.html", fill.index_of(request))


@needs()
def topic(request: HttpRequest, key: str) -> HttpResponse:
    return show(request, "desk/help_topic.html", fill.page_of(request, key))


@needs()
def words(request: HttpRequest) -> HttpResponse:
    return show(request, "desk/help_words.html", fill.words_of(request))


@acts()
def tour_away(request: HttpRequest) -> HttpResponse:
    """The offer is not made again; the tour stays in the guide."""
    if isinstance(request.user, User):
        help_tour.put_away(request.user)
    return go(request, reverse("home"))
