"""The one-click link: it signs one person in, once."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from postroom.identity.actions.sign_in_link import use_sign_in_link
from postroom.identity.errors import BadLink
from postroom.identity.queries import why_link_fails
from postroom.web.access import public
from postroom.web.answers import go, show
from postroom.web.pages import EnterPage

_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@public("a one-click link is its own proof")
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """Signs in and leads home. A HEAD request (a mail scanner, a preview) does not use the link up."""
    if request.method == "HEAD":
        return HttpResponse()
    try:
        user = use_sign_in_link(secret)
    except BadLink:
        command = "postroom demo" if settings.CONFIG.demo else ""
        page = EnterPage(reason=why_link_fails(secret), sign_in_url=reverse("account_login"), command=command)
        return show(request, "desk/enter.html", page, 410)
    login(request, user, backend=_BACKEND)
    return go(request, reverse("home"))
