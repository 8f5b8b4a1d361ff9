"""Let in somebody whom the company's directory vouches for: roles follow the groups, at every sign-in.

The directory (OpenID Connect or LDAP) says who somebody is and in which groups; whether they get in is decided here:
no role, no entry; deactivated here, no entry.
"""

from __future__ import annotations

from django.db import transaction

from postroom.identity.actions.cut_off import cut_off
from postroom.identity.actions.record_sign_in import sign_in_refused
from postroom.identity.actor import Actor
from postroom.identity.errors import Deactivated, NoRole
from postroom.identity.models import User
from postroom.ledger.append import Act, append


def admit_from_directory(user: User | None, *, email: str, name: str, roles: list[str], by: str) -> User:
    """The person, made at their first sign-in, with the roles of today. Raises NoRole, Deactivated.

    ``by``: ``oidc`` or ``ldap``. Who has lost all groups is signed out everywhere and their tokens end.
    """
    directory = Actor(f"system:{by}", frozenset(), frozenset())
    if user is not None and not user.is_active:
        sign_in_refused(user, by, "deactivated")
        raise Deactivated(
            "You proved who you are, but your access to Postroom was ended.",
            hint="Ask your Postroom administrator if you should have it again.",
        )
    if not roles:
        if user is not None and user.roles:
            _withdraw(directory, user)
        sign_in_refused(user, by, "no-role")
        raise NoRole(
            "You proved who you are, but none of your groups may use Postroom.",
            hint="Ask whoever looks after your groups to add you to one that has a role in Postroom.",
        )
    with transaction.atomic():
        if user is None:
            user = User.objects.create_user(email, None, name=name or email, roles=roles)
            append(directory.name, [Act("user.created", "user", None, {"user": user.pk, "roles": roles, "by": by})])
        elif sorted(user.roles) != roles or (name and user.name != name):
            _follow(directory, user, name, roles)
    return user


def _follow(directory: Actor, user: User, name: str, roles: list[str]) -> None:
    before = sorted(user.roles)
    user.roles, user.name = roles, name or user.name
    user.save(update_fields=["roles", "name"])
    if before != roles:
        facts = {"user": user.pk, "before": before, "roles": roles}
        append(directory.name, [Act("user.roles_changed", "user", None, facts)])


def _withdraw(directory: Actor, user: User) -> None:
    with transaction.atomic():
        _follow(directory, user, "", [])
        cut_off(directory, user)
