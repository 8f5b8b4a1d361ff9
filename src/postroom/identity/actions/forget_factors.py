"""Somebody lost their telephone: take their second factors and passkeys away, so that the password is enough again."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from postroom.identity.actions.end_sessions import signed_out_everywhere
from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.ledger.append import Act, append


def forget_factors(actor: Actor, user: User) -> int:
    """How many passkeys, apps and lists of recovery codes were removed. All sessions end too."""
    actor.require("user.manage")
    with transaction.atomic():
        removed: int = Authenticator.objects.filter(user=user).delete()[0]
        signed_out_everywhere(actor, user)
        append(actor.name, [Act("user.factors_removed", "user", None, {"user": user.pk, "factors": removed})])
    return removed
