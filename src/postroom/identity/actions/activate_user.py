"""Let somebody in again who was deactivated."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.ledger.append import Act, append


def activate_user(actor: Actor, user: User) -> bool:
    """They may sign in again; their old sessions and tokens stay ended. False: they were active already."""
    actor.require("user.manage")
    with transaction.atomic():
        changed = User.objects.filter(pk=user.pk, is_active=False).update(is_active=True)
        if changed:
            user.is_active = True
            append(actor.name, [Act("user.activated", "user", None, {"user": user.pk})])
    return bool(changed)
