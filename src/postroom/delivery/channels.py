"""Channels of this thread, ready for use: one object per destination and its settings, so connections are reused."""

from __future__ import annotations

import json
import threading

from django.conf import settings
from pydantic import ValidationError

from postroom.delivery.errors import BadDestination
from postroom.delivery.models import Destination
from postroom.delivery.pace import forget_paces
from postroom.delivery.spec import Channel
from postroom.kernel import registry

_LOCAL = threading.local()


def channel_of(destination: Destination) -> Channel:
    """The channel of ``destination``. Raises BadDestination naming the setting."""
    kept: dict[str, tuple[str, Channel]] = _LOCAL.__dict__.setdefault("channels", {})
    fingerprint = destination.channel + json.dumps(destination.config, sort_keys=True)
    known = kept.get(destination.key)
    if known is not None and known[0] == fingerprint:
        return known[1]
    if known is not None:
        known[1].close()
    made = build(destination.key, destination.channel, destination.config)
    kept[destination.key] = (fingerprint, made)
    return made


def build(key: str, kind: str, config: dict[str, object]) -> Channel:
    """A channel from settings. Raises BadDestination or UnknownProvider.

    No send may last as long as the take-over delay, so a longer time-out is cut to the installation's own.
    """
    provider: type[Channel] = registry.provider("channels", kind)
    try:
        loaded = provider.Config.model_validate(config)
        if loaded.timeout > settings.CONFIG.send_timeout:
            loaded = loaded.model_copy(update={"timeout": settings.CONFIG.send_timeout})
        return provider(loaded)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        known = ", ".join(provider.Config.model_fields)
        raise BadDestination(
            f"Destination {key!r}, setting {where!r}: {first['msg']}.", hint=f"Settings of {kind}: {known}."
        ) from error


def close_channels() -> None:
    """Let go of this thread's connections, and of what it remembers of destinations."""
    forget_paces()
    for _, channel in _LOCAL.__dict__.pop("channels", {}).values():
        channel.close()
