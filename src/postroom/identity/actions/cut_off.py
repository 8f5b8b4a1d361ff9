"""What ends when somebody is not let in any more: sessions, tokens and sign-in links."""

from __future__ import annotations

from postroom.identity.actions.end_sessions import signed_out_everywhere
from postroom.identity.actor import Actor
from postroom.identity.models import ApiToken, SignInLink, User
from postroom.kernel import clock


def cut_off(actor: Actor, user: User) -> int:
    """End all of it at once; how many tokens were revoked. In the caller's transaction."""
    now = clock.now()
    revoked = ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    SignInLink.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
    signed_out_everywhere(actor, user)
    return revoked
