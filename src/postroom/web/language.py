"""Which language a page is in: the person's own; else what this browser was told; else what it asks for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from postroom.identity.models import User

#: Nobody's own pages, or a customer's: there the person at the desk does not count, and the database may be away.
_OTHERS = ("/static/", "/api/", "/portal/", "/healthz", "/metrics")


class PersonLanguage:
    """Puts the language of whoever is signed in before that of the browser (``LocaleMiddleware`` has chosen that)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path.startswith(_OTHERS):
            # without the database the next middleware says so, in the language of the browser
            with contextlib.suppress(OperationalError, InterfaceError):
                user = request.user
                if isinstance(user, User):
                    speak(request, user.language)
        return self.get_response(request)


def speak(request: HttpRequest, tag: str) -> None:
    """Answer this request in ``tag`` where we speak it (``de-AT`` is German); else as the browser asks."""
    base = tag.replace("_", "-").partition("-")[0].lower()
    if base in known():
        translation.activate(base)
        request.LANGUAGE_CODE = base


def known() -> dict[str, str]:
    """Languages by tag, each under its own name."""
    return dict(settings.LANGUAGES)
