"""``postroom vault``: the bytes, and the proof that they are what was stored."""

from __future__ import annotations

import uuid
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

    verdict = walk(owners=documents_with)
    damaged = [
        {"blob": str(blob), "reason": reason, "documents": verdict.owners[blob]} for blob, reason in verdict.damaged
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
                "elsewhere": [
                    {"segment": name, "home": where, "documents": _numbers(verdict.owners, blobs)}
                    for name, where, blobs in verdict.elsewhere
                ],
                "orphans": verdict.orphans,
                "tail_bytes": verdict.tails,
            }
        )
    else:
        for fault in damaged:
            numbers = ", ".join(fault["documents"]) or "no document"
            show.console.print(f"[red]✗[/red] {fault['reason']} It belongs to: {numbers}.")
        for name in verdict.missing_segments:
            show.console.print(f"[red]✗[/red] Segment {name} is missing.")
        for name, where, blobs in verdict.elsewhere:
            numbers = ", ".join(_numbers(verdict.owners, blobs)) or "no document"
            show.console.print(
                f"[red]✗[/red] Segment {name} is on the disk of {where}, which does not hand it over: start a worker"
                f" there. Documents in it: {numbers}.",
                soft_wrap=True,
            )
        state = "whole" if verdict.whole else "NOT whole"
        show.console.print(
            f"{verdict.blobs} blobs, {verdict.size / 1e6:.1f} MB in {verdict.segments} segments: {state}."
            f" {verdict.orphans} orphaned frames and {verdict.tails} bytes of torn tails (harmless, left by a crash)."
        )
    if not verdict.whole:
        raise typer.Exit(int(ExitCode.DAMAGED))
    if verdict.elsewhere:
        raise typer.Exit(int(ExitCode.UNAVAILABLE))


def _numbers(owners: dict[uuid.UUID, list[str]], blobs: tuple[uuid.UUID, ...]) -> list[str]:
    return sorted({number for blob in blobs for number in owners.get(blob, [])})


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


@app.command("compact")
def compact(
    everything: Annotated[bool, typer.Option("--all", help="Rewrite whatever holds any dead byte, and now.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Rewrite segments without what was destroyed. Workers do it by themselves where a fifth is dead."""
    from postroom.project.boot import boot

    boot()
    import datetime as dt

    from postroom.vault.compact import SETTLED, WORTH
    from postroom.vault.compact import compact as act
    from postroom.vault.upkeep import seal_abandoned

    seal_abandoned()
    done = act(0.0, dt.timedelta(0)) if everything else act(WORTH, SETTLED)
    if as_json:
        show.as_json({"segments": done.segments, "freed_bytes": done.freed, "leftovers": done.leftovers})
        return
    show.console.print(
        f"{done.segments} segments rewritten, {done.freed / 1e6:.1f} MB freed, {done.leftovers} leftovers removed."
    )
