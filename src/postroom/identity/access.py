"""What a route asks of its caller, said on the route itself, so that a test can walk all routes and ask (P7).

Desk and API cannot see each other; both declare with the words of this file. A route that says nothing is a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from postroom.identity.actor import Actor
from postroom.identity.roles import PERMISSIONS

View = TypeVar("View", bound=Callable[..., Any])

#: Permissions to see. Who lacks one learns nothing, not even that there is something (404); acts are refused (403).
_SEEING = (".view", ".data")
_MARK = "postroom_access"
ANY = "*"


@dataclass(frozen=True, slots=True)
class Access:
    """``needs`` are permissions, all of them; ``public`` is the reason why everybody may; ``customer`` means a
    portal link. With none of the three it is enough to be signed in. ``page``: a page to look at, which is not there
    for who may not use it, whatever kind its permissions are."""

    needs: tuple[str, ...] = ()
    page: bool = False
    public: str = ""
    customer: bool = False

    def __post_init__(self) -> None:
        unknown = [name for name in self.needs if name not in PERMISSIONS]
        if unknown:
            raise KeyError(unknown[0])

    def admit(self, actor: Actor) -> None:
        """Raises NotFound for what the actor may not see, NotAllowed for what they may not do."""
        for permission in sorted(self.needs, key=lambda name: not is_seeing(name)):
            if self.page or is_seeing(permission):
                actor.require_view(permission)
            else:
                actor.require(permission)

    def status_for(self, actor: Actor) -> int:
        """What ``actor`` is answered: 200 (admitted), 403 or 404."""
        lacking = [name for name in self.needs if not actor.may(name)]
        if not lacking:
            return 200
        return 404 if self.page or any(is_seeing(name) for name in lacking) else 403


def is_seeing(permission: str) -> bool:
    """Whether ``permission`` is one to see, not one to act."""
    return permission.endswith(_SEEING)


def declare(access: Access | Mapping[str, Access]) -> Callable[[View], View]:
    """Note on a view what it asks, for all methods or by method."""

    def mark(view: View) -> View:
        setattr(view, _MARK, {ANY: access} if isinstance(access, Access) else dict(access))
        return view

    return mark


def access_of(view: object) -> dict[str, Access]:
    """What a view declares, by method (``ANY`` for all). Empty: it declares nothing, which is a fault."""
    found: dict[str, Access] = getattr(view, _MARK, {})
    return found
