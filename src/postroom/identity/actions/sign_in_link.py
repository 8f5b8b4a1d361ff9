"""One-click links: made for somebody, used once, soon."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction

from postroom.identity.actions.issue_token import digest
from postroom.identity.actor import Actor
from postroom.identity.errors import BadLink
from postroom.identity.models import SignInLink, User
from postroom.kernel import clock
from postroom.ledger.append import Act, append


def make_sign_in_link(actor: Actor, user: User, minutes: int = 60) -> str:
    """The secret part of a link that signs ``user`` in once."""
    actor.require("user.manage")
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        SignInLink.objects.create(
            user=user, digest=digest(secret), expires_at=clock.now() + dt.timedelta(minutes=minutes)
        )
        append(actor.name, [Act("sign_in_link.made", "user", None, {"user": user.pk})])
    return secret


def use_sign_in_link(secret: str) -> User:
    """The person a link belongs to; the link is used up. Raises BadLink."""
    with transaction.atomic():
        link = (
            SignInLink.objects.select_for_update()
            .select_related("user")
            .filter(digest=digest(secret), used_at=None, expires_at__gt=clock.now(), user__is_active=True)
            .first()
        )
        if link is None:
            raise BadLink("This sign-in link has been used or has expired.", hint="Sign in with your password.")
        link.used_at = clock.now()
        link.save(update_fields=["used_at"])
        append(f"user:{link.user.pk}", [Act("user.signed_in", "user", None, {"user": link.user.pk, "by": "link"})])
        return link.user
