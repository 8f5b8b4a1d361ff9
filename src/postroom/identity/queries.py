"""Reading people and tokens."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Literal

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from postroom.identity.actions.issue_token import digest
from postroom.identity.actor import Actor, actor_of_token
from postroom.identity.errors import BadToken, UnknownUser
from postroom.identity.models import ApiToken, SignInLink, User
from postroom.kernel import clock


def actor_by_secret(secret: str) -> Actor:
    """The actor a token's secret stands for. Raises BadToken."""
    now = clock.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=now), digest=digest(secret), revoked_at=None)
        .first()
    )
    if token is None or not token.user.is_active:
        raise BadToken("The token is unknown, expired or revoked.", hint="Issue one with `postroom token create`.")
    if token.last_used_at is None or now - token.last_used_at > dt.timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return actor_of_token(token)


def tokens_visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """One's own tokens; all of them for who manages people. Newest first."""
    rows = ApiToken.objects.select_related("user").order_by("-created_at", "-pk")
    if actor.may("user.manage"):
        return rows
    kind, _, number = actor.name.partition(":")
    return rows.filter(user_id=int(number)) if kind == "user" else rows.none()


def why_link_fails(secret: str) -> Literal["used", "expired", "unknown"]:
    """Why a sign-in link does not work, for whoever holds it."""
    link = SignInLink.objects.filter(digest=digest(secret)).first()
    if link is None:
        return "unknown"
    return "used" if link.used_at else "expired"


def user_by_email(email: str) -> User:
    """The person of that address, active or not. Raises UnknownUser."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise UnknownUser(f"Nobody has the address {email}.", hint="See `postroom user list`.")
    return user


def sessions_of(user: User, here: str) -> list[UserSession]:
    """Sessions that live, the one with the key ``here`` first, then the one seen last. Two queries."""
    listed = UserSession.objects.filter(user=user).order_by("-last_seen_at")
    live = set(
        Session.objects.filter(
            session_key__in=[session.session_key for session in listed], expire_date__gt=clock.now()
        ).values_list("session_key", flat=True)
    )
    return sorted((found for found in listed if found.session_key in live), key=lambda found: found.session_key != here)


def factors_of(user: User) -> dict[str, int]:
    """How many there are of each second factor: ``totp``, ``webauthn`` (passkeys), ``recovery_codes``."""
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    return dict(sorted(Counter(map(str, kinds)).items()))
