"""Give a program a key."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.identity.errors import UnknownRole
from postroom.identity.models import ApiToken, User
from postroom.identity.people import is_oneself
from postroom.identity.roles import PERMISSIONS, permissions_of
from postroom.kernel import clock
from postroom.kernel.errors import BadInput
from postroom.ledger.append import Act, append

PREFIX = "pr_"
_LONGEST_NAME = 100


def issue_token(
    actor: Actor, *, user: User, name: str, scopes: list[str] | None = None, days: int | None = 365
) -> tuple[ApiToken, str]:
    """A token for ``user``: the row, and the secret, which is shown once and never again.

    ``scopes`` are permissions; without them the token has all of its owner's. Everybody may have tokens of their own;
    a program may not make more of itself.
    """
    if not is_oneself(actor, user.pk):
        actor.require("user.manage")
    name = " ".join(name.split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise BadInput(f"The name of a token has 1 to {_LONGEST_NAME} characters.", hint="Say what the token is for.")
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
