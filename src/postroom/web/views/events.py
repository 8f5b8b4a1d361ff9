"""The pass that opens the stream of live counts."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from postroom.identity.models import User
from postroom.kernel.errors import NotSignedIn
from postroom.web.access import needs
from postroom.web.live import address_for, make_pass, origin_of


@needs()
def give_pass(request: HttpRequest) -> JsonResponse:
    """Where the stream is, and a pass for it. Without an address there is none, and the page polls."""
    if not isinstance(request.user, User):
        raise NotSignedIn("Nobody is signed in.", hint="Sign in first.")
    address = address_for(request)
    return JsonResponse({"address": address, "pass": make_pass(request.user, origin_of(request)) if address else ""})
