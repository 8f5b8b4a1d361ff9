"""What the database of a home is, for ``doctor``. Looks only; starts and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from postroom.kernel.database import cluster, external, providers, server
from postroom.kernel.database.errors import DatabaseDown
from postroom.kernel.home import Home


@dataclass(frozen=True, slots=True)
class Status:
    """``pid`` and ``sockets`` are known for an embedded server only; ``data`` is where it is or would be."""

    provider: str
    major: int | None
    version: str | None
    data: Path | None
    sockets: Path | None
    running: bool
    pid: int | None
    external: bool


def status(home: Home) -> Status:
    """State of the database of ``home``; before the first start, the PostgreSQL that would be used."""
    named = external.named_url()
    if named:
        try:
            version = external.server_version(named, patience=0)
        except DatabaseDown:
            return Status(external.describe(named), None, None, None, None, False, None, True)
        major = int(version.split(".")[0])
        return Status(external.describe(named), major, version, None, None, True, None, True)
    data = cluster.data_folder(home)
    memory = cluster.remembered(home)
    running = server.running(home)
    here = providers.available()
    if memory is None:
        first = here[0] if here else None
        memory = cluster.Memory(first.name, first.major, first.version) if first else None
    return Status(
        provider=memory.provider if memory else "none",
        major=cluster.found_major(data) or (memory.major if memory else None),
        version=memory.version if memory else None,
        data=data,
        sockets=running.sockets if running else None,
        running=running is not None,
        pid=running.pid if running else None,
        external=False,
    )
