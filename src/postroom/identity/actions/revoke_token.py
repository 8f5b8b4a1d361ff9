"""Take a program's key away, at once."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.identity.models import ApiToken
from postroom.identity.people import is_oneself
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.ledger.append import Act, append


def revoke_token(actor: Actor, token_id: int) -> ApiToken:
    """Revoke; revoking twice changes nothing. Everybody may revoke their own."""
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
        if token is None or not is_oneself(actor, token.user_id):
            actor.require("user.manage")
        if token is None:
            raise NotFound(f"There is no token {token_id}.", hint="See `postroom token list`.")
        if token.revoked_at is None:
            token.revoked_at = clock.now()
            token.save(update_fields=["revoked_at"])
            append(actor.name, [Act("token.revoked", "token", None, {"token": token.pk})])
    return token
