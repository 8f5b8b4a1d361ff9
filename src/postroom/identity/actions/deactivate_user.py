"""Somebody leaves: out at once, everywhere, and not let in again, whatever the directory says."""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actions.cut_off import cut_off
from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.identity.people import is_oneself, keep_an_administrator, locked
from postroom.kernel.errors import Conflict
from postroom.ledger.append import Act, append


def deactivate_user(actor: Actor, user: User) -> int:
    """Open sessions end, tokens are revoked and sign-in links expire, so that nothing comes back to life should the
    person be let in again; how many tokens. What they did stays theirs. Raises LastAdministrator."""
    actor.require("user.manage")
    with transaction.atomic():
        person = locked(user.pk)
        if is_oneself(actor, person.pk):
            raise Conflict("You cannot deactivate yourself.", hint="Ask another administrator.")
        if not person.is_active:
            return 0
        keep_an_administrator(person)
        person.is_active = user.is_active = False
        person.save(update_fields=["is_active"])
        revoked = cut_off(actor, person)
        append(actor.name, [Act("user.deactivated", "user", None, {"user": person.pk, "tokens_revoked": revoked})])
    return revoked
