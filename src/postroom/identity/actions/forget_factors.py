"""Somebody lost their telephone: take their second factors and passkeys away, so that the password is enough again."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from postroom.identity.actions.end_sessions import signed_out_everywhere
from postroom.identity.actor import Actor
from postroom.identity.errors import UnknownReason
from postroom.identity.models import User
from postroom.identity.people import is_oneself
from postroom.kernel.errors import Conflict
from postroom.ledger.append import Act, append

#: Why; an enumeration, because the ledger holds no free text (P6).
REASONS = ("lost", "replaced", "stolen", "unreadable", "other")


def forget_factors(actor: Actor, user: User, reason: str = "other") -> int:
    """How many passkeys, apps and lists of recovery codes were removed. All sessions end too.

    Raises UnknownReason; Conflict for oneself: the page "How you sign in" does that, and asks for a proof first. So
    the last administrator, whom nobody else could help, is never locked out here.
    """
    actor.require("user.manage")
    if reason not in REASONS:
        raise UnknownReason(f"{reason!r} is no reason to forget factors.", hint=f"One of: {', '.join(REASONS)}.")
    if is_oneself(actor, user.pk):
        raise Conflict("These are your own second factors.", hint="Remove them under “How you sign in”.")
    with transaction.atomic():
        removed: int = Authenticator.objects.filter(user=user).delete()[0]
        signed_out_everywhere(actor, user)
        facts = {"user": user.pk, "factors": removed, "reason": reason}
        append(actor.name, [Act("user.factors_removed", "user", None, facts)])
    return removed
