"""``postroom pdf``: finished documents as files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import Conflict, NotFound

app = typer.Typer(no_args_is_help=True, help="Finished documents as files.")


@app.callback()
def _group() -> None:
    """More commands than one will stand here."""


@app.command("merge")
def merge(
    what: Annotated[list[str], typer.Argument(help="PDF files, or ids of documents, in the order they are wanted.")],
    to: Annotated[Path, typer.Option(help="File to write.")],
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Several documents as one PDF that keeps their tags and what they claim."""
    if to.exists() and not replace:
        raise Conflict(f"{to} is there already.", hint="Choose another name, or write --replace.")
    files = [Path(one) for one in what]
    if not all(path.is_file() for path in files):
        from postroom.project.boot import boot

        boot()
    from postroom.composition.finishing.merge import merge as merged

    made = merged([_bytes(one, path) for one, path in zip(what, files, strict=True)])
    growing = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        growing.write_bytes(made)
        growing.replace(to)
    finally:
        growing.unlink(missing_ok=True)
    if as_json:
        show.as_json({"file": str(to), "documents": len(what), "bytes": len(made)})
        return
    show.console.print(f"{len(what)} documents are in {to}, {len(made):,} bytes.", markup=False, highlight=False)


def _bytes(named: str, path: Path) -> bytes:
    if path.is_file():
        return path.read_bytes()
    from postroom.documents import queries
    from postroom.documents.content import newest_version
    from postroom.identity.actor import SYSTEM
    from postroom.vault.read import read_blob

    try:
        return read_blob(newest_version(queries.document(SYSTEM, named)).blob)
    except NotFound as error:
        raise NotFound(
            f"There is no file and no document {named!r}.", hint="Give paths, or ids of `postroom documents search`."
        ) from error
