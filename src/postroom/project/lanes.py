"""Which queues a worker process serves, in lanes that do not stand in each other's way.

Each lane has places of its own: a mail server that takes twenty seconds for a letter holds up mail, not the printing
folder, and a reader that waits for room keeps no letter in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postroom.delivery.wake import QUEUE as DELIVER_QUEUE
from postroom.delivery.wake import queue_of
from postroom.kernel import registry
from postroom.kernel.errors import BadInput
from postroom.production.wake import COMPOSE_QUEUE, READ_QUEUE
from postroom.web.wake import QUEUE as DESK_QUEUE

ROLES = ("render", "read", "deliver", "sweep")
_QUEUES: dict[str, tuple[tuple[str, ...], ...]] = {
    "render": ((COMPOSE_QUEUE,),),
    "read": ((READ_QUEUE,), (DESK_QUEUE,)),
}


class UnknownRole(BadInput):
    """A worker cannot do what it is asked for."""

    code = "unknown-worker-role"
    title = "There is no such role"


@dataclass(frozen=True, slots=True)
class Lane:
    """Queues that share places."""

    name: str
    queues: tuple[str, ...]


def parse_roles(text: str) -> tuple[str, ...]:
    """``render,deliver:email`` as roles, each once. Raises UnknownRole."""
    roles = tuple(dict.fromkeys(role.strip() for role in text.split(",") if role.strip()))
    channels = registry.names("channels")
    for role in roles or ("",):
        kind, colon, channel = role.partition(":")
        if kind not in ROLES or (colon and kind != "deliver"):
            raise UnknownRole(
                f"There is no role {role!r}.",
                hint=f"Roles: {', '.join(ROLES)}, and deliver:CHANNEL for one channel.",
            )
        if colon and channel not in channels:
            raise UnknownRole(
                f"There is no channel {channel!r} to deliver by.", hint=f"Installed here: {', '.join(channels)}."
            )
    return roles


def lanes_of(roles: Sequence[str]) -> list[Lane]:
    """One lane for each kind of work; for ``deliver`` one for each channel that is installed."""
    lanes: list[Lane] = []
    for role in roles:
        kind, _, channel = role.partition(":")
        if kind == "deliver":
            names = [channel] if channel else list(registry.names("channels"))
            # Wake-ups that an older version left have no channel.
            rest = () if channel else (DELIVER_QUEUE,)
            lanes += [Lane(f"deliver:{name}", (queue_of(name), *rest)) for name in names]
        else:
            lanes += [Lane(kind, queues) for queues in _QUEUES.get(kind, ())]
    return list(dict.fromkeys(lanes))
