"""``postroom worker``: one worker process, on this or any host that shares the database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from postroom.kernel.errors import BadInput


def worker(
    roles: Annotated[
        str, typer.Option(help="Comma separated: render, read, deliver, sweep.")
    ] = "render,read,deliver,sweep",
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Tasks at the same time.")] = 1,
) -> None:
    """Serve queues until told to stop (SIGTERM)."""
    from postroom.project.boot import boot

    boot()
    from postroom.project.worker import ROLES, work

    wanted = [role.strip() for role in roles.split(",") if role.strip()]
    unknown = [role for role in wanted if role not in ROLES]
    if unknown or not wanted:
        raise BadInput(f"There is no role {unknown[0] if unknown else roles!r}.", hint=f"Roles: {', '.join(ROLES)}.")
    sys.exit(work(wanted, concurrency))
