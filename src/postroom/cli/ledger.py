"""``postroom ledger``: the facts, the proof that nobody touched them, and what others need to check it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput, ExitCode

app = typer.Typer(no_args_is_help=True, help="The ledger.")


@app.command("verify")
def verify(
    since: Annotated[Path | None, typer.Option(help="A checkpoint kept elsewhere: is the ledger its continuation?")] = (
        None
    ),
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Walk the whole ledger; any changed byte or row is named."""
    from postroom.project.boot import boot

    boot()
    from postroom.ledger.checkpoint import since as held_against
    from postroom.ledger.verify import verify as walk

    rewritten = held_against(_text(since)) if since else ()
    verdict = walk()
    faults = [*rewritten, *verdict.faults]
    if as_json:
        show.as_json(
            {
                "whole": not faults,
                "blocks": verdict.blocks,
                "entries": verdict.entries,
                "head": verdict.head,
                "faults": faults,
                "notes": list(verdict.notes),
                "root": verdict.root,
                "checkpoints": verdict.heads,
            }
        )
    else:
        for fault in faults:
            show.console.print(f"[red]✗[/red] {fault}")
        for note in verdict.notes:
            show.console.print(f"[yellow]![/yellow] {note}")
        state = "NOT whole" if faults else "whole"
        show.console.print(f"{verdict.entries} entries in {verdict.blocks} blocks: {state}. Head {verdict.head[:16]}…")
        show.console.print(f"Tree {verdict.root[:16]}…, {verdict.heads} signed heads.")
        if since and not rewritten:
            show.console.print(f"It continues the checkpoint in {since}.")
    if faults:
        raise typer.Exit(int(ExitCode.DAMAGED))


@app.command("checkpoint")
def checkpoint(
    to: Annotated[Path | None, typer.Option(help="File to write; standard output without it.")] = None,
) -> None:
    """Sign the ledger as it is now. Keep the checkpoint elsewhere, or let a witness cosign it."""
    from postroom.project.boot import boot

    boot()
    from postroom.ledger import checkpoint as heads

    note = heads.note(heads.make())
    if to is None:
        sys.stdout.write(note)
    else:
        to.write_text(note, encoding="utf-8")
        show.console.print(f"Written to {to}. Hold the ledger against it later: `postroom ledger verify --since {to}`.")


@app.command("cosign")
def cosign(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of ours with the lines of the witness.")],
    witness: Annotated[str, typer.Option(help="The witness's verifier key: name+id+base64.")],
) -> None:
    """Keep the cosignature of an outside witness; it is handed out with the checkpoint from now on."""
    from postroom.project.boot import boot

    boot()
    from postroom.ledger import checkpoint as heads

    for kept in heads.cosign(_text(checkpoint), witness):
        show.console.print(f"Kept: {kept.key.partition('+')[0]} saw {kept.head_id} entries at {kept.at.isoformat()}.")


@app.command("key")
def key(
    new: Annotated[bool, typer.Option("--new", help="Sign with a new key from now on.")] = False,
    origin: Annotated[str, typer.Option(help="Name of the ledger, such as example.com/postroom.")] = "",
) -> None:
    """The public key others check our checkpoints with."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.ledger import checkpoint as heads
    from postroom.ledger import keys

    signer = keys.load()
    if new or (signer is None and heads.newest() is None):
        signer = heads.new_key(SYSTEM.name, origin)
    elif origin:
        raise BadInput("The ledger has a key and a name already.", hint="Add --new to make another key.")
    if signer is None:
        raise heads.key_elsewhere()
    sys.stdout.write(signer.verifier_key + "\n")


@app.command("ask")
def ask(old: Annotated[int, typer.Argument(min=0, help="Entries the witness saw last; 0: none.")]) -> None:
    """What to send to a witness (C2SP tlog-witness): the consistency proof since it saw us last, and the checkpoint."""
    from postroom.project.boot import boot

    boot()
    from postroom.ledger import checkpoint as heads
    from postroom.ledger import proof

    head = heads.make()
    if old > head.size:
        raise BadInput(
            f"The ledger has {head.size} entries, fewer than {old}.", hint="Check what the witness answered."
        )
    lines = "".join(f"{line}\n" for line in proof.consistency(old, head))
    sys.stdout.write(f"old {old}\n{lines}\n{heads.note(head)}")


@app.command("prove")
def prove(
    entry: Annotated[int, typer.Argument(min=1, help="Number of an entry.")],
) -> None:
    """A C2SP tlog-proof of one entry under the newest checkpoint, for other people's verifiers."""
    from postroom.project.boot import boot

    boot()
    from postroom.ledger import checkpoint as heads
    from postroom.ledger import proof

    head = heads.make()
    sys.stdout.write(proof.prove_number(entry, head, heads.note(head)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}.", hint="Check the path.") from error
