"""What holds for people whoever changes them: roles exist, and somebody can always let others in."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from postroom.identity.actor import Actor
from postroom.identity.errors import LastAdministrator, UnknownRole
from postroom.identity.models import User
from postroom.identity.roles import ROLES
from postroom.kernel.errors import NotFound

ADMINISTRATOR = "administrator"


def check_roles(roles: Sequence[str]) -> list[str]:
    """The roles in the order of the product, each once. Raises UnknownRole, also for none at all."""
    for role in roles:
        if role not in ROLES:
            near = difflib.get_close_matches(role, ROLES, 1)
            raise UnknownRole(
                f"There is no role {role!r}.",
                hint=f"Did you mean {near[0]!r}?" if near else f"Roles: {', '.join(ROLES)}.",
            )
    if not roles:
        raise UnknownRole(
            "A person needs at least one role.", hint="Choose a role; to take everything away, deactivate the person."
        )
    return [role for role in ROLES if role in roles]


def locked(user_id: int) -> User:
    """The person, locked until the transaction ends, together with all administrators: so that two administrators who
    remove each other at once do not both succeed. Raises NotFound."""
    list(
        User.objects.select_for_update()
        .filter(is_active=True, roles__contains=[ADMINISTRATOR])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound("There is no such person.", hint="See `postroom user list`.")
    return user


def keep_an_administrator(user: User) -> None:
    """Call before ``user`` stops being one, inside the transaction of ``locked``. Raises LastAdministrator."""
    others = User.objects.filter(is_active=True, roles__contains=[ADMINISTRATOR]).exclude(pk=user.pk)
    if user.is_active and ADMINISTRATOR in user.roles and not others.exists():
        raise LastAdministrator(
            f"{user} is the last administrator.", hint="Make somebody else an administrator first, then try again."
        )


def is_oneself(actor: Actor, user_id: int) -> bool:
    """Whether ``actor`` is this person, signed in (a program with a token of theirs is not)."""
    return actor.name == f"user:{user_id}"
