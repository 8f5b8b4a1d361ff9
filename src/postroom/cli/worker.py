"""``postroom worker``: one worker process, on this or any host that shares the database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def worker(
    roles: Annotated[
        str, typer.Option(help="Comma separated: render, read, deliver or deliver:CHANNEL, sweep.")
    ] = "render,read,deliver,sweep",
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Tasks at the same time, of each kind.")] = 1,
) -> None:
    """Serve queues until told to stop (SIGTERM), if this version fits the database."""
    from postroom.project.boot import boot

    boot(migrate=False)  # a worker joins what is there: it never changes the tables under others
    from postroom.project.lanes import parse_roles
    from postroom.project.worker import work

    sys.exit(work(parse_roles(roles), concurrency))
