"""Notes now and then where a session was last seen, for its owner's list. Not on every request: one write per five
minutes and session, remembered in the session itself, so that an ordinary page costs no query more."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_KEY = "postroom_seen_at"
_EVERY = 300.0  # seconds


class SessionsSeen:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # the session is looked at only when the view did: pages for everybody stay free of the database
        if request.session.accessed and request.session.session_key and response.status_code < 500:
            # the page was made; where it was asked from is not worth an error
            with contextlib.suppress(OperationalError, InterfaceError):
                self._note(request)
        return response

    def _note(self, request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            return
        now = time.time()
        if now - float(request.session.get(_KEY, 0)) < _EVERY and now >= float(request.session.get(_KEY, 0)):
            return
        UserSession.objects.create_from_request(request)
        request.session[_KEY] = now
