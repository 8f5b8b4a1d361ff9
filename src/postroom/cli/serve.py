"""``postroom serve``: the whole installation on this machine."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the desk, portal and API; 0: any free one.")] = 8000,
) -> None:
    """Serve the desk, the portal and the API, compose and deliver, until stopped."""
    from postroom.project.boot import boot

    boot()
    from postroom.project.serving import serve_installation

    serve_installation(host, port)
