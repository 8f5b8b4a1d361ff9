"""The counts on the rail. They depend on what somebody may see, so people with the same roles share them."""

from __future__ import annotations

from typing import Any, TypedDict

from django.conf import settings

from postroom.delivery import caught
from postroom.delivery.queries import deliveries_visible_to
from postroom.identity.actor import Actor
from postroom.kernel.home import home
from postroom.production.models import SETTLED
from postroom.production.queries import runs_visible_to, set_aside_of


class Counts(TypedDict):
    """By section of the rail: runs that work, records set aside, deliveries in doubt, mail that was caught."""

    runs: int
    set_aside: int
    deliveries: int
    outbox: int


def counts_of(actor: Actor) -> Counts:
    """Three cheap queries and a look into a folder; zeros, and no query, for what the actor may not see."""
    see_mail: Any = settings.CONFIG.demo and actor.may("outbox.view")
    return Counts(
        runs=runs_visible_to(actor).exclude(state=SETTLED).count(),
        set_aside=set_aside_of(actor).order_by().count(),
        deliveries=deliveries_visible_to(actor).filter(state="in_doubt").count(),
        outbox=caught.count(home().outbox) if see_mail else 0,
    )
