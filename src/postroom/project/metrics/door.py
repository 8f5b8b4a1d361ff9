"""``/metrics``: closed until somebody opens it by configuration, to this host or to who shows a token."""

from __future__ import annotations

import hmac
import ipaddress
import os
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from postroom.identity.access import Access, declare
from postroom.kernel.config import BadSetting
from postroom.project.metrics.gather import answer, gatherer

#: Headers by which a proxy says that it asks for somebody else.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
_SHORTEST = 16


def token() -> str:
    """What a scraper has to show; "": no token opens the door. Raises BadSetting."""
    value, file = os.environ.get("POSTROOM_METRICS_TOKEN", ""), os.environ.get("POSTROOM_METRICS_TOKEN_FILE", "")
    if file:
        try:
            value = Path(file).read_text("utf-8").strip()
        except OSError as error:
            raise BadSetting(
                f"POSTROOM_METRICS_TOKEN_FILE names {file}, which cannot be read: {error.strerror}.",
                hint="Let it name a readable file that holds the token, or unset it.",
            ) from error
    if (value or file) and len(value) < _SHORTEST:
        raise BadSetting(
            f"The token of /metrics has {len(value)} characters.",
            hint=f"Use at least {_SHORTEST}, drawn at random.",
        )
    return value


def open_to_this_host() -> bool:
    """Whether requests from loopback need no token."""
    return os.environ.get("POSTROOM_METRICS_LOOPBACK") == "1"


@declare(Access(public="numbers without persons, for a token or from this host, and only when switched on"))
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 while the door is closed, 401 for a token that is missing or wrong."""
    wanted = token()
    if not (open_to_this_host() and from_this_host(request)):
        if not wanted:
            raise Http404
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(shown.strip().encode(), wanted.encode()):
            return HttpResponse(
                "a token is needed\n", status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"}
            )
    gathered = gatherer().take()
    age = max(0.0, gatherer().clock() - gathered.at)
    body, media_type = answer(gathered, age, request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=media_type)


def from_this_host(request: HttpRequest) -> bool:
    """Whether somebody on this very host asks: a proxy on this host does not, whoever it asks for."""
    if any(request.META.get(name) for name in _FORWARDED) or os.environ.get("POSTROOM_BEHIND_PROXY") == "1":
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
