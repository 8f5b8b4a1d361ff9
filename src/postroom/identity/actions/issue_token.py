"""Give a program a key."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.identity.errors import UnknownRole
from postroom.identity.models import ApiToken, User
from postroom.identity.roles import PERMISSIONS, permissions_of
from postroom.kernel import clock
from postroom.ledger.append import Act, append

PREFIX = "pr_"


def issue_token(
    actor: Actor, *, user: User, name: str, scopes: list[str] | None = None, days: int | None = 365
) -> tuple[ApiToken, str]:
    """A token for ``user``: the row, and the secret, which is shown once and never again.

    ``scopes`` are permissions; without them the token has all of its owner's.
    """
    actor.require("user.manage")
    chosen = sorted(permissions_of(user.roles)) if scopes is None else sorted(set(scopes))
    unknown = [scope for scope in chosen if scope not in PERMISSIONS]
    if unknown:
        raise UnknownRole(f"There is no scope {unknown[0]!r}.", hint=f"Scopes: {', '.join(PERMISSIONS)}.")
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name,
            prefix=secret[:9],
            digest=digest(secret),
            scopes=chosen,
            created_at=now,
            expires_at=now + dt.timedelta(days=days) if days else None,
        )
        append(actor.name, [Act("token.issued", "token", None, {"token": token.pk, "scopes": chosen})])
    return token, secret


def digest(secret: str) -> bytes:
    """What is kept of a token or link."""
    return hashlib.sha256(secret.encode()).digest()
