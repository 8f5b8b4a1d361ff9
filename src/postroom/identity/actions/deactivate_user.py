"""Let a person in no more."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.identity.models import ApiToken, SignInLink, User
from postroom.identity.people import is_oneself, keep_an_administrator, locked
from postroom.kernel import clock
from postroom.kernel.errors import Conflict
from postroom.ledger.append import Act, append


def deactivate_user(actor: Actor, user_id: int) -> User:
    """At once: open sessions end with the next request, tokens are revoked and sign-in links expire, so that nothing
    comes back to life should the person be let in again. What they did stays theirs. Raises LastAdministrator."""
    actor.require("user.manage")
    now = clock.now()
    with transaction.atomic():
        user = locked(user_id)
        if is_oneself(actor, user.pk):
            raise Conflict("You cannot deactivate yourself.", hint="Ask another administrator.")
        if not user.is_active:
            return user
        keep_an_administrator(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        revoked = ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
        SignInLink.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
        append(actor.name, [Act("user.deactivated", "user", None, {"user": user.pk, "tokens_revoked": revoked})])
    return user
