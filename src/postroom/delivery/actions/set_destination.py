"""Set up a destination, or change it."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from postroom.delivery.channels import build
from postroom.delivery.models import Destination
from postroom.identity.actor import Actor
from postroom.ledger.append import Act, append


def set_destination(
    actor: Actor, key: str, channel: str, config: dict[str, Any], *, enabled: bool = True
) -> Destination:
    """Settings are checked against the channel before they are kept. Raises BadDestination, UnknownProvider."""
    actor.require("channel.manage")
    build(key, channel, config).close()
    with transaction.atomic():
        destination, _ = Destination.objects.update_or_create(
            key=key, defaults={"channel": channel, "config": config, "enabled": enabled}
        )
        append(actor.name, [Act("destination.set", "destination", None, {"key": key, "channel": channel})])
    return destination
