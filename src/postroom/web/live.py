"""Live counts: where a page finds their stream, and the pass that opens it.

The process that streams them asks the database nothing about who connects: the desk, which knows, signs what is to be
known into a pass that opens one stream within a minute.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from postroom.identity.models import User

#: Where the process of the events answers; a proxy leads exactly this address there.
STREAM = "/events/stream"
_SALT = "postroom.events"
#: Seconds in which a pass must be used.
PASS_AGE = 60


@dataclass(frozen=True, slots=True)
class Pass:
    """Whose stream it is, what they may see, from which desk they ask, and since when that is known."""

    user: int
    roles: tuple[str, ...]
    origin: str
    at: float


def make_pass(user: User, origin: str) -> str:
    """A pass for ``user``, for pages of ``origin`` only."""
    return signing.dumps({"u": user.pk, "r": sorted(user.roles), "o": origin, "t": time.time()}, salt=_SALT)


def read_pass(text: str) -> Pass | None:
    """What a pass says; None when it was not signed by us, or is too old."""
    try:
        said = signing.loads(text, salt=_SALT, max_age=PASS_AGE)
        return Pass(int(said["u"]), tuple(said["r"]), str(said["o"]), float(said["t"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def origin_of(request: HttpRequest) -> str:
    """The origin of the desk's pages as this browser knows it."""
    return f"{request.scheme}://{request.get_host()}"


def address_for(request: HttpRequest) -> str:
    """Where this browser finds the stream; empty when there is none, or the request names a host that is not ours."""
    if settings.CONFIG.events_url:
        return str(settings.CONFIG.events_url)
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    if settings.BEHIND_PROXY:
        return f"{request.scheme}://{host}{STREAM}"
    if not settings.CONFIG.events_port:
        return ""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return f"http://{name}:{settings.CONFIG.events_port}{STREAM}"
