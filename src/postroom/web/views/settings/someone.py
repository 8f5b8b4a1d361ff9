"""Settings that everybody has who has a role. Who has none finds nothing but the first page (P7)."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext

from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.web.shell import actor_of


def someone(request: HttpRequest) -> Actor:
    """The actor, when there is anything they may do. Raises NotFound."""
    actor = actor_of(request)
    if not actor.permissions:
        raise NotFound(gettext("There is nothing here."), hint=gettext("Check the address."))
    return actor
