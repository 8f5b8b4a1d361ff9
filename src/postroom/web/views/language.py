"""The language switch: kept with the person who is signed in, and with this browser for the sign-in page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from postroom.identity.access import Access, declare
from postroom.identity.actions.choose_language import choose_language
from postroom.identity.models import User
from postroom.kernel.errors import BadInput
from postroom.web import asked, language
from postroom.web.answers import go, wrong_method

_YEAR = 365 * 86400


@declare({"POST": Access(public="one's own language, before and after signing in")})
def choose(request: HttpRequest) -> HttpResponse:
    """Back to where it was chosen, in the language chosen."""
    if request.method != "POST":
        return wrong_method(request, ("POST",))
    tag = asked.posted(request, "language")
    if tag not in language.known():
        raise BadInput(
            gettext("This language is not spoken here."), hint=gettext("Go back and choose one of the list.")
        )
    if isinstance(request.user, User):
        choose_language(request.user, tag)
    response = go(request, _back(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        tag,
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _back(request: HttpRequest) -> str:
    """Never to another host, whatever the form says."""
    wanted = asked.posted(request, "next")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else "/"
