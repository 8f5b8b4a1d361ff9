"""``postroom vault``: the bytes, and the proof that they are what was stored."""

from __future__ import annotations

from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import ExitCode

app = typer.Typer(no_args_is_help=True, help="The vault.")


@app.command("verify")
def verify(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Re-hash every blob; each damaged one is named with the documents it belongs to."""
    from postroom.project.boot import boot

    boot()
    from postroom.documents.content import documents_with
    from postroom.vault.verify import verify as walk

    verdict = walk()
    damaged = [
        {"blob": str(blob), "reason": reason, "documents": documents_with(blob)} for blob, reason in verdict.damaged
    ]
    if as_json:
        show.as_json(
            {
                "whole": verdict.whole,
                "segments": verdict.segments,
                "blobs": verdict.blobs,
                "bytes": verdict.size,
                "damaged": damaged,
                "missing_segments": list(verdict.missing_segments),
                "orphans": verdict.orphans,
            }
        )
    else:
        for fault in damaged:
            numbers = ", ".join(fault["documents"]) or "no document"
            show.console.print(f"[red]✗[/red] {fault['reason']} It belongs to: {numbers}.")
        for name in verdict.missing_segments:
            show.console.print(f"[red]✗[/red] Segment {name} is missing.")
        state = "whole" if verdict.whole else "NOT whole"
        show.console.print(
            f"{verdict.blobs} blobs, {verdict.size / 1e6:.1f} MB in {verdict.segments} segments: {state}."
            f" {verdict.orphans} orphaned frames (harmless)."
        )
    if not verdict.whole:
        raise typer.Exit(int(ExitCode.DAMAGED))


@app.command("new-key")
def new_key() -> None:
    """Print a fresh key for POSTROOM_VAULT_KEY or a key file. Nothing is changed by it."""
    from postroom.vault.crypto import new_kek

    typer.echo(new_kek().text)


@app.command("rotate-key")
def rotate_key(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Wrap the keys of all stored documents by a new key; segments stay as they are. Goes on where it was stopped."""
    from postroom.project.boot import boot

    boot()
    from postroom.vault.rotate import rotate

    done = rotate()
    if as_json:
        show.as_json({"key": done.kek, "rewrapped": done.rewrapped, "retired": list(done.retired)})
        return
    show.console.print(f"Key {done.kek} is in force; {done.rewrapped:,} keys of stored documents were wrapped again.")
    if done.retired and not done.in_file:
        show.console.print(f"{', '.join(done.retired)} is no longer needed: take it out of where you keep the keys.")
    show.console.print("Make a backup now: older key files open with the old key only, and each holds its own.")
