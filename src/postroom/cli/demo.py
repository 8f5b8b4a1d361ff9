"""``postroom demo``: the sample company, open for business."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def demo(
    once: Annotated[bool, typer.Option(help="Do everything without serving, print the balance and end.")] = False,
    port: Annotated[int, typer.Option(help="Port of the desk; 0: any free one.")] = 0,
    home: Annotated[Path | None, typer.Option(help="Folder of the demo; POSTROOM_HOME or ./.demo without it.")] = None,
    reset: Annotated[bool, typer.Option(help="Begin anew: throw the demo's folder away first.")] = False,
) -> None:
    """Set up Lindqvist & Daughters, run their invoices and statements, open the desk. Nothing leaves the machine."""
    os.environ["POSTROOM_HOME"] = str(home or os.environ.get("POSTROOM_HOME") or Path.cwd() / ".demo")
    os.environ["POSTROOM_DEMO"] = "true"
    os.environ.pop("DATABASE_URL", None)
    from postroom.project.demo import open_demo

    open_demo(once=once, port=port, reset=reset)
