"""Let a person in again."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.identity.people import locked
from postroom.ledger.append import Act, append


def reactivate_user(actor: Actor, user_id: int) -> User:
    """With the roles they had. Tokens stay revoked."""
    actor.require("user.manage")
    with transaction.atomic():
        user = locked(user_id)
        if not user.is_active:
            user.is_active = True
            user.save(update_fields=["is_active"])
            append(actor.name, [Act("user.reactivated", "user", None, {"user": user.pk, "roles": sorted(user.roles)})])
    return user
