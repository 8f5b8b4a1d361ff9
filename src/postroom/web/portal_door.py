"""The door of the portal: whoever comes without a good link, or asks for what is not theirs, learns nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from postroom.kernel.errors import NotFound
from postroom.parties.models import Party
from postroom.parties.portal import BadPortalLink, OldPortalLink, RevokedPortalLink, Visitor, visitor
from postroom.web.answers import show
from postroom.web.brand import brand
from postroom.web.pages.doors import PortalLinkPage

P = ParamSpec("P")
Guest = Callable[Concatenate[HttpRequest, str, Visitor, P], HttpResponseBase]


def with_link(view: Guest[P]) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """The view gets the visitor, and speaks their language as far as we do."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            guest = visitor(token)
            with spoken(guest.party):
                return view(request, token, guest, *args, **kwargs)
        except (BadPortalLink, NotFound) as error:
            return closed(request, token, error)

    # wraps keeps the name; what the door takes is the token, where the view takes the visitor
    return cast(Callable[Concatenate[HttpRequest, str, P], HttpResponseBase], guarded)


def closed(
    request: HttpRequest, token: str, error: BadPortalLink | NotFound, *, asked: bool = False
) -> HttpResponseBase:
    """What the door says instead: gone (410) for links of ours, 404 for all else."""
    if isinstance(error, OldPortalLink):
        again = "" if asked else reverse("portal-again", args=[token])
        page = PortalLinkPage(brand=brand(), reason="expired", again_url=again, asked=asked)
        with spoken(error.party):
            return show(request, "portal/link.html", page, 200 if asked else 410)
    if isinstance(error, RevokedPortalLink):
        return show(request, "portal/link.html", PortalLinkPage(brand=brand(), reason="revoked"), 410)
    return show(request, "portal/link.html", PortalLinkPage(brand=brand(), reason="unknown"), 404)


def spoken(party: Party) -> translation.override:
    """The party's language when the portal speaks it; else that of their browser."""
    try:
        return translation.override(translation.get_supported_language_variant(party.language.lower()))
    except LookupError:
        return translation.override(translation.get_language())
