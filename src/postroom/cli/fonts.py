"""``postroom fonts``: the families that documents are set with, and those a house adds itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from postroom.cli import show
from postroom.kernel.errors import NotFound

app = typer.Typer(no_args_is_help=True, help="Print fonts, and what stands in for signs they do not have.")
_KINDS = {".ttf", ".otf"}


@app.command("list")
def list_fonts() -> None:
    """Families in the order in which they are asked for a sign."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition import fonts, stand_ins
    from postroom.composition.scripts import scripts_of

    rows: dict[str, list[Any]] = {}
    order = (*(fact["family"] for fact in fonts.built()), *stand_ins.usual())
    for fact in sorted(fonts.installed(), key=lambda one: _place(order, one["family"])):
        said = "added" if "cut" in fact else "stands in" if fact in fonts.more() else "text"
        kind = "withdrawn" if fact.get("withdrawn") else said
        row = rows.setdefault(fact["family"], [fact["family"], kind, 0, "", 0])
        row[2] += 1
    for row in rows.values():
        signs = fonts.coverage((row[0],))
        row[3], row[4] = ", ".join(scripts_of(signs)), len(signs)
    show.as_table(("Family", "Is", ">Cuts", "Scripts", ">Signs"), [tuple(row) for row in rows.values()], empty="None.")


@app.command("add")
def add(
    what: Annotated[list[Path], typer.Argument(help="Font files (.ttf, .otf), or folders of them.")],
) -> None:
    """Add families. Templates get them when they are published next; documents made before keep their bytes."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.add_fonts import add_fonts
    from postroom.identity.actor import SYSTEM

    files = {str(path): path.read_bytes() for path in _found(what)}
    for row in add_fonts(SYSTEM, files):
        show.console.print(f"{row.family} {row.cut}: added ({row.sha256[:12]}).", highlight=False)
    show.console.print("Publish templates again for them to use it.")


@app.command("withdraw")
def withdraw(family: Annotated[str, typer.Argument(help="As `postroom fonts list` names it.")]) -> None:
    """Stop using a family that was added. Versions that were published with it keep it."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.withdraw_family import withdraw_family
    from postroom.identity.actor import SYSTEM

    withdraw_family(SYSTEM, family)
    show.console.print(f"{family} is not used for templates that are published from now on.")


def _place(order: tuple[str, ...], family: str) -> int:
    return order.index(family) if family in order else len(order)


def _found(what: list[Path]) -> list[Path]:
    """The files named, and those in the folders named, hidden ones passed over. Raises NotFound."""
    found: list[Path] = []
    for path in what:
        inside = sorted(one for one in path.rglob("*") if one.suffix.lower() in _KINDS) if path.is_dir() else [path]
        if not inside or not all(one.is_file() for one in inside):
            raise NotFound(
                f"There is no font at {path}.", hint="Name a .ttf or .otf file, or a folder that holds some."
            )
        found += inside
    return found
