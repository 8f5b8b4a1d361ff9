"""``postroom evidence``: one file that proves what happened to a document, and the program that checks it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show

app = typer.Typer(no_args_is_help=True, help="Proof of one document for somebody outside.")


@app.command("export")
def export(
    document: Annotated[str, typer.Argument(help="Number or id of a document.")],
    to: Annotated[Path | None, typer.Option(help="File to write; by default named by the document, here.")] = None,
) -> None:
    """Write the evidence file of one document; that it was made is noted in the ledger."""
    from postroom.project.boot import boot

    boot()
    from postroom.cli.documents import _by_id_or_number
    from postroom.identity.actor import SYSTEM
    from postroom.support.evidence import export as make
    from postroom.support.evidence import file_name

    found, data = make(SYSTEM, _by_id_or_number(document))
    path = to or Path(file_name(found))
    path.write_bytes(data)
    show.console.print(f"Written to {path}. Check it with `postroom evidence verify`, or `postroom evidence verifier`.")


@app.command("verify", context_settings={"allow_extra_args": False})
def verify(
    evidence: Annotated[Path, typer.Argument(help="The evidence file.")],
    document: Annotated[Path | None, typer.Argument(help="The document itself, to be compared.")] = None,
    key: Annotated[str, typer.Option(help="The ledger's public key, got another way.")] = "",
    witness: Annotated[list[str] | None, typer.Option(help="A witness that must have cosigned.")] = None,
    proofs: Annotated[Path | None, typer.Option(help="Folder to write each entry and its .tlog-proof into.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Check an evidence file, offline: exit code 0 when every byte holds, 1 when not, 2 when it cannot be read."""
    from postroom.ledger import postroom_verify

    options = [*(["--key", key] if key else []), *(["--json"] if as_json else [])]
    options += [part for each in witness or [] for part in ("--witness", each)]
    options += ["--proofs", str(proofs)] if proofs else []
    options += [str(evidence), *([str(document)] if document else [])]
    raise typer.Exit(postroom_verify.main(options))


@app.command("verifier")
def verifier(
    to: Annotated[Path | None, typer.Option(help="File to write; standard output without it.")] = None,
) -> None:
    """Hand out the program that checks evidence without Postroom: one file of Python."""
    from postroom.ledger import postroom_verify

    source = Path(postroom_verify.__file__).read_bytes()
    if to is None:
        sys.stdout.buffer.write(source)
        return
    to.write_bytes(source)
    show.console.print(f"Written to {to}. Run it as `python {to} evidence.json document.pdf`.")
