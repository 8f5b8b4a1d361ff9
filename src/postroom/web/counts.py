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
from postroom.web.paging import how_many_each


class Counts(TypedDict):
    """By section of the rail: runs that work, records set aside, deliveries in doubt, mail that was caught."""

    runs: int
    set_aside: int
    deliveries: int
    outbox: int


def counts_of(actor: Actor) -> Counts:
    """One query, which stops counting at 10,000, and a look into a folder; zeros for what the actor may not see."""
    found = how_many_each(
        {
            "runs": runs_visible_to(actor).exclude(state=SETTLED),
            "set_aside": set_aside_of(actor).select_related(None),
            "deliveries": deliveries_visible_to(actor).filter(state="in_doubt"),
        }
    )
    see_mail: Any = settings.CONFIG.demo and actor.may("outbox.view")
    return Counts(
        runs=found["runs"],
        set_aside=found["set_aside"],
        deliveries=found["deliveries"],
        outbox=caught.count(home().outbox) if see_mail else 0,
    )
