"""Who acts: a person, a program with a token, the system itself, or a customer on the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postroom.identity.roles import PERMISSIONS, permissions_of
from postroom.kernel.errors import NotAllowed, NotFound

if TYPE_CHECKING:
    from postroom.identity.models import ApiToken, User


@dataclass(frozen=True, slots=True)
class Actor:
    """``name`` is how the ledger knows the actor: ``user:7``, ``token:3``, ``system:worker``, ``party:<id>``."""

    name: str
    roles: frozenset[str]
    permissions: frozenset[str]
    party_id: str = ""

    def may(self, permission: str) -> bool:
        if permission not in PERMISSIONS:
            raise KeyError(permission)
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """For acts: raises NotAllowed."""
        if not self.may(permission):
            raise NotAllowed(
                f"This needs the permission {permission} ({PERMISSIONS[permission].lower()}).",
                hint="Ask an administrator for a role that has it.",
                permission=permission,
            )

    def require_view(self, permission: str) -> None:
        """For reading: without permission there is nothing to be seen, not even a refusal (P7)."""
        if not self.may(permission):
            raise NotFound("There is nothing here.", hint="Check the address.")


SYSTEM = Actor("system:postroom", frozenset({"administrator"}), frozenset(PERMISSIONS))
NOBODY = Actor("nobody", frozenset(), frozenset())


def actor_of_user(user: User) -> Actor:
    """The actor a signed-in person is."""
    if not user.is_active:
        return NOBODY
    return Actor(f"user:{user.pk}", frozenset(user.roles), permissions_of(user.roles))


def actor_of_token(token: ApiToken) -> Actor:
    """The actor a program is: its scopes, as far as its owner still has them."""
    owner = actor_of_user(token.user)
    return Actor(f"token:{token.pk}", owner.roles, owner.permissions & frozenset(token.scopes))
