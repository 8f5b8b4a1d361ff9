"""``postroom ledger``: the facts, and the proof that nobody touched them."""

from __future__ import annotations

from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import ExitCode

app = typer.Typer(no_args_is_help=True, help="The ledger.")


@app.command("verify")
def verify(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Walk the whole chain; any changed byte or row is named."""
    from postroom.project.boot import boot

    boot()
    from postroom.ledger.verify import verify as walk

    verdict = walk()
    if as_json:
        show.as_json(
            {
                "whole": verdict.whole,
                "blocks": verdict.blocks,
                "entries": verdict.entries,
                "head": verdict.head,
                "faults": list(verdict.faults),
            }
        )
    else:
        for fault in verdict.faults:
            show.console.print(f"[red]✗[/red] {fault}")
        state = "whole" if verdict.whole else "NOT whole"
        show.console.print(f"{verdict.entries} entries in {verdict.blocks} blocks: {state}. Head {verdict.head[:16]}…")
    if not verdict.whole:
        raise typer.Exit(int(ExitCode.DAMAGED))
