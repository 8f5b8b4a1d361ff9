"""Who calls, and whether they may: declared once per operation, asked before anything else of the request is read.

``auth=needs("run.start")`` on a route is the declaration, the check, what the OpenAPI document says and what the
permission matrix test walks. Deny by default: an operation without a declaration answers nobody.
"""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from ninja.utils import check_csrf

from postroom.api.errors import BadCredentials, CsrfFailed
from postroom.identity.access import Access
from postroom.identity.actor import NOBODY, Actor, actor_of_user
from postroom.identity.models import User
from postroom.identity.queries import actor_by_secret
from postroom.kernel.errors import NotAllowed, NotSignedIn

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT = "postroom_actor"


class Door:
    """Lets in whom ``access`` admits. Called by ninja with the request; the actor becomes ``request.auth``."""

    def __init__(self, access: Access | None) -> None:
        self.access = access

    def __call__(self, request: HttpRequest) -> Actor:
        """The actor. Raises NotSignedIn, NotFound, NotAllowed."""
        if self.access is None:
            raise NotAllowed("This operation does not say who may use it.", hint="Declare it with auth=needs(..).")
        if self.access.public:
            return NOBODY
        actor = caller(request)
        self.access.admit(actor)
        return actor


def needs(*permissions: str) -> Door:
    """For callers with all of ``permissions``; with none of them named, for everybody who is signed in."""
    return Door(Access(needs=permissions))


def public(reason: str) -> Door:
    """For everybody, because of ``reason``."""
    return Door(Access(public=reason))


def caller(request: HttpRequest) -> Actor:
    """The program (bearer token, RFC 6750) or person (session of the desk) behind a request. Raises NotSignedIn."""
    known = getattr(request, _KEPT, None)
    if known is None:
        known = _token(request) or _session(request)
        setattr(request, _KEPT, known)
    return cast(Actor, known)


def actor(request: HttpRequest) -> Actor:
    """The actor the door let in."""
    return cast(Actor, request.auth)  # type: ignore[attr-defined]


def _token(request: HttpRequest) -> Actor | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise BadCredentials(
            "The Authorization header is not a bearer token.", hint="Send Authorization: Bearer TOKEN."
        )
    return actor_by_secret(secret.strip())


def _session(request: HttpRequest) -> Actor:
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_active:
        raise NotSignedIn(
            "The request names nobody.",
            hint="Send Authorization: Bearer TOKEN; make a token with `postroom token create`.",
        )
    if request.method not in _SAFE and check_csrf(request) is not None:
        raise CsrfFailed(
            "The session cookie came without a valid CSRF token.",
            hint="Send the csrftoken cookie's value as X-CSRFToken, or use a bearer token.",
        )
    return actor_of_user(user)
