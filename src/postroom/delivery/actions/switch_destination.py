"""Take a destination out of use, or into use again."""

from __future__ import annotations

from django.db import transaction

from postroom.delivery.models import Destination
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.ledger.append import Act, append


def switch_destination(actor: Actor, key: str, *, enabled: bool) -> Destination:
    """The rules choose it from now on, or no more; what waits for it goes on when it is used again. Its settings are
    not looked at, so that a broken destination can be taken out of use."""
    actor.require("channel.manage")
    with transaction.atomic():
        found = Destination.objects.select_for_update().filter(key=key).first()
        if found is None:
            raise NotFound(f"There is no destination {key!r}.", hint="See `postroom channel list`.")
        if found.enabled != enabled:
            found.enabled = enabled
            found.save(update_fields=["enabled"])
            act = "destination.enabled" if enabled else "destination.disabled"
            append(actor.name, [Act(act, "destination", None, {"key": key})])
    return found
