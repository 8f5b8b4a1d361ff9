"""Let a person in no more."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actions.cut_off import cut_off
from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.identity.people import is_oneself, keep_an_administrator, locked
from postroom.kernel.errors import Conflict
from postroom.ledger.append import Act, append


def deactivate_user(actor: Actor, user_id: int) -> User:
    """At once: open sessions end, tokens are revoked and sign-in links expire, so that nothing
    comes back to life should the person be let in again. What they did stays theirs. Raises LastAdministrator."""
    actor.require("user.manage")
    with transaction.atomic():
        user = locked(user_id)
        if is_oneself(actor, user.pk):
            raise Conflict("You cannot deactivate yourself.", hint="Ask another administrator.")
        if not user.is_active:
            return user
        keep_an_administrator(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        revoked = cut_off(actor, user)
        append(actor.name, [Act("user.deactivated", "user", None, {"user": user.pk, "tokens_revoked": revoked})])
    return user
