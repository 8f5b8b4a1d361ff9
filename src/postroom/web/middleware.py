"""What every answer of the web process goes through: content policy, sign-in, errors told as pages or problems."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from postroom.kernel.errors import PostroomError
from postroom.web.asked import came_from
from postroom.web.errors import database_away, error_page
from postroom.web.live import address_for
from postroom.web.stale import meanwhile

log = logging.getLogger("postroom.web")
Handler = Callable[[HttpRequest], HttpResponseBase]
#: Django has its own answers to these (``handler400`` to ``handler404``), and allauth's middleware to its own.
_DJANGOS_OWN = (
    Http404,
    PermissionDenied,
    SuspiciousOperation,
    BadRequest,
    MultiPartParserError,
    ImmediateHttpResponse,
    ReauthenticationRequired,
)

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

#: Addresses open to everybody, with the reason. All others need a signed-in person (or, for the API, a token).
PUBLIC_PREFIXES = {
    "/static/": "built assets, no data",
    "/account/": "signing in itself",
    "/language/": "one's own language, before and after signing in",
    "/enter/": "a one-click link is its own proof",
    "/portal/": "a signed portal link is its own proof",
    "/api/": "the API asks for a token itself",
    "/healthz": "says up or down, nothing else",
    "/metrics": "is closed until it is opened by configuration, and asks for a token itself",
}


class ContentSecurityPolicy:
    """No inline script or style, nothing from elsewhere. A view may set a stricter policy of its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _policy(request))
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _policy(request: HttpRequest) -> str:
    """Pages of the desk may also open the stream of live counts, at exactly its address."""
    address = "" if request.path.startswith(tuple(PUBLIC_PREFIXES)) else address_for(request)
    return _POLICY.replace("connect-src 'self'", f"connect-src 'self' {address}") if address else _POLICY


class SignInRequired:
    """Deny by default (P7): without a person only the public prefixes answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(tuple(PUBLIC_PREFIXES)):
            return self.get_response(request)
        try:
            known = request.user.is_authenticated
        except (OperationalError, InterfaceError):
            return error_page(request, database_away())
        if known:
            return self.get_response(request)
        ended = {} if request.method in ("GET", "HEAD") else {"ended": "1"}
        target = f"{reverse('account_login')}?{urlencode({'next': came_from(request)} | ended)}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": target})
        return redirect(target)


class Problems:
    """Errors of ours become pages that say what to do, or problem+json for programs."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        reference = ""
        if isinstance(error, _DJANGOS_OWN):
            return None
        if isinstance(error, OperationalError | InterfaceError):
            error = database_away()
        if not isinstance(error, PostroomError):
            reference = secrets.token_hex(4)
            log.error("request %s failed: %s %s", reference, request.method, request.path, exc_info=error)
            error = PostroomError("Something went wrong.", hint="Give the operator the reference.", reference=reference)
        if request.path.startswith("/api/"):
            return JsonResponse(error.problem(), status=error.status, content_type="application/problem+json")
        return error_page(request, error, reference, meanwhile(request, error))
