"""``{% load guide %}``: the guide's page for a screen, a word explained, the tour."""

from __future__ import annotations

from django import template
from django.http import HttpRequest

from postroom.web.fill import help as fill
from postroom.web.fill import help_tour
from postroom.web.pages.help import Tour, WordRow

register = template.Library()


@register.simple_tag(takes_context=True)
def help_address(context: template.Context) -> str:
    """The page of the guide for the screen that is being made."""
    return fill.address_for(_request(context))


@register.simple_tag(takes_context=True)
def here(context: template.Context) -> str:
    """The whole address of the screen, for the head of a printed page."""
    request = _request(context)
    return request.build_absolute_uri(fill.shown_at(request)) if request is not None else ""


@register.simple_tag
def explained(key: str) -> WordRow | None:
    """A word of the field; None for one the guide does not know."""
    return fill.word_of(key)


@register.simple_tag(takes_context=True)
def tour(context: template.Context) -> Tour | None:
    """The tour, when it is to be offered or was asked for."""
    return help_tour.offer(_request(context))


def _request(context: template.Context) -> HttpRequest | None:
    """None where a page is made without a request (pictures of samples)."""
    found = context.get("request")
    return found if isinstance(found, HttpRequest) else None
