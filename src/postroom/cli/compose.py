"""``postroom compose``: one document, made and written to a file; nothing is stored or sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput, NotFound


def compose(
    template: str,
    data: Annotated[Path, typer.Argument(help="JSON file with one record.")],
    to: Annotated[Path, typer.Option("--to", "-o", help="PDF to write.")],
) -> None:
    """Make one document from one record."""
    from postroom.project.boot import boot

    if not data.is_file():
        raise NotFound(f"There is no file {data}.", hint="Check the path.")
    boot()
    from postroom.composition.actions.compose_one import compose_one
    from postroom.identity.actor import SYSTEM
    from postroom.production import exact_json
    from postroom.project.install import install_starters

    install_starters()
    try:
        record = exact_json.loads(data.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{data} cannot be used: {error}.", hint="Give a UTF-8 file with one JSON object.") from error
    made = compose_one(SYSTEM, template=template, data=record)
    to.write_bytes(made.content)
    show.console.print(f"{to}: {made.pages} page{'s' if made.pages != 1 else ''}.")
