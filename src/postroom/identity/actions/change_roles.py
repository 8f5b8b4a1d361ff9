"""Change what a person may do."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.identity.people import ADMINISTRATOR, check_roles, keep_an_administrator, locked
from postroom.kernel import notices
from postroom.ledger.append import Act, append


def change_roles(actor: Actor, user_id: int, roles: Sequence[str]) -> User:
    """Give exactly these roles. It holds from the person's next request on. Raises UnknownRole, LastAdministrator."""
    actor.require("user.manage")
    wanted = check_roles(roles)
    with transaction.atomic():
        user = locked(user_id)
        before = sorted(user.roles)
        if before == sorted(wanted):
            return user
        if ADMINISTRATOR not in wanted:
            keep_an_administrator(user)
        user.roles = wanted
        user.save(update_fields=["roles"])
        facts = {"user": user.pk, "before": before, "roles": sorted(wanted)}
        append(actor.name, [Act("user.roles_changed", "user", None, facts)])
        notices.tell(notices.gone(user.pk))
    return user
