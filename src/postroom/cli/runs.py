"""``postroom runs``: what ran, and how it balances."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from postroom.cli import show

if TYPE_CHECKING:
    from postroom.production.actions.hold_part import Acted
    from postroom.production.part import Part
    from postroom.production.precheck import Precheck

app = typer.Typer(no_args_is_help=True, help="Runs and their balances.")


@app.command("list")
def list_runs(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The newest runs."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production.balance import balance
    from postroom.production.queries import runs_visible_to

    runs = list(runs_visible_to(SYSTEM)[:limit])
    if as_json:
        show.as_json([balance(run.pk).as_json(run.ref) | {"state": run.state} for run in runs])
        return
    show.as_table(
        ("Run", "Template", "Source", ">Received", "State", "Started"),
        [(r.ref, r.template_key, r.parcel.name, r.received, r.state, f"{r.started_at:%d %b %Y %H:%M}") for r in runs],
        empty="No run yet. Start one: postroom run invoice FILE",
    )


@app.command("show")
def show_run(run: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """One run and its two balances."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.balance import balance

    found = queries.run(SYSTEM, run)
    counted = balance(found.pk)
    if as_json:
        show.as_json(counted.as_json(found.ref) | {"state": found.state})
    else:
        show.balance(found, counted)


_Records = Annotated[str, typer.Option("--records", help="Only these records: 10-20, or one place such as 7.")]
_Documents = Annotated[str, typer.Option("--documents", help="Only these documents: RE-100..RE-120, or one number.")]
_Chunk = Annotated[int | None, typer.Option("--chunk", help="Only the records of this chunk.")]


@app.command("hold")
def hold(
    run: str,
    records: _Records = "",
    documents: _Documents = "",
    chunk: _Chunk = None,
    reason: Annotated[str, typer.Option(help="Why; it is shown until it is released.")] = "",
) -> None:
    """Keep what has not left from being composed and sent: a whole run, or a part of it."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.actions.hold_part import hold_part
    from postroom.production.actions.hold_run import hold_run

    found = queries.run(SYSTEM, run)
    part = _part(records, documents, chunk)
    if part is None:
        _balance(hold_run(SYSTEM, found.pk, reason).pk)
        return
    acted = hold_part(SYSTEM, found.pk, part, reason)
    _tell(acted, "are held", "deliveries are being sent at this moment; they are not held")
    _balance(found.pk)


@app.command("release")
def release(run: str, records: _Records = "", documents: _Documents = "", chunk: _Chunk = None) -> None:
    """Let what is held go on; a run that waits for its check is sent. See `postroom runs check` first."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.actions.hold_part import release_part
    from postroom.production.actions.release_run import release_run

    found = queries.run(SYSTEM, run)
    part = _part(records, documents, chunk)
    if part is None:
        _balance(release_run(SYSTEM, found.pk).pk)
        return
    acted = release_part(SYSTEM, found.pk, part)
    _tell(acted, "go on", "records are being composed at this moment; release them again in a moment")
    _balance(found.pk)


@app.command("cancel")
def cancel(
    run: str,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    records: _Records = "",
    documents: _Documents = "",
    chunk: _Chunk = None,
) -> None:
    """Cancel what has not left yet: of a whole run, or of a part of it."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.actions.cancel_run import cancel_run
    from postroom.production.actions.hold_part import cancel_part

    found = queries.run(SYSTEM, run)
    part = _part(records, documents, chunk)
    if part is None:
        _balance(cancel_run(SYSTEM, found.pk, reason).pk)
        return
    acted = cancel_part(SYSTEM, found.pk, part, reason)
    _tell(acted, "are cancelled", "deliveries are being sent at this moment; they are not cancelled")
    _balance(found.pk)


@app.command("check")
def check(run: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """What a run would send, and what is unlike the last runs of its template."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.precheck import precheck

    found = queries.run(SYSTEM, run)
    checked = precheck(found)
    if as_json:
        show.as_json(checked.as_json(found.ref))
    else:
        print_check(found.ref, checked)


@app.command("reprint")
def reprint(
    run: str,
    to: Annotated[str, typer.Option(help="Destination that gets the same bytes again.")],
    reason: Annotated[str, typer.Option(help="Why, such as: paper jam. It is kept.")],
    records: _Records = "",
    documents: _Documents = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Send a range of a run's documents once more, byte for byte, as new deliveries."""
    from postroom.kernel.errors import BadInput
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.actions.reprint_range import range_of, reprint_range

    found = queries.run(SYSTEM, run)
    part = _part(records, documents, None)
    if part is None:
        raise BadInput("Which documents?", hint="Name them: --records 10-20, or --documents RE-100..RE-120.")
    meant = range_of(SYSTEM, found, part)
    show.console.print(
        f"{meant.documents} documents, {meant.pages} pages, from {meant.first} to {meant.last}, go to {to}."
    )
    if not yes:
        typer.confirm("Send them again?", abort=True)
    done = reprint_range(SYSTEM, found.pk, part, destination=to, reason=reason)
    show.console.print(f"{done.deliveries} deliveries made.")
    if done.unreachable:
        show.console.print(f"{done.unreachable} recipients have no address there; nothing was made for them.")


def print_check(ref: str, checked: Precheck) -> None:
    """A check in a few lines: the figures, then what should be looked at."""
    from postroom.production.precheck import sentence

    figures = checked.figures
    channels = ", ".join(f"{count} by {channel}" for channel, count in sorted(figures.channels.items()))
    show.console.print(f"[bold]{ref}[/bold]  {figures.documents} documents, {figures.sheets} pages; {channels or '0'}")
    for currency, money in sorted(figures.amounts.items()):
        show.console.print(f"  {currency} {money.total:,.2f} together, {money.largest:,.2f} at most")
    show.console.print(f"  {figures.parties} recipients, {figures.new_parties} of them new")
    for finding in checked.findings:
        show.console.print(f"  [yellow]look at[/yellow]  {sentence(finding)}")
    if not checked.findings:
        show.console.print("  nothing stands out" if checked.compared else "  no earlier run to compare it with")
    if not checked.ready:
        show.console.print("  not composed yet: these figures still grow")


def _part(records: str, documents: str, chunk: int | None) -> Part | None:
    from postroom.production.part import part_of

    if not records and not documents and chunk is None:
        return None
    return part_of(records=records, numbers=documents, chunk=chunk)


def _tell(acted: Acted, done: str, left: str) -> None:
    """What became of a part, and what of it was too late or too early."""
    show.console.print(f"{acted.records} records and {acted.deliveries} deliveries {done}.")
    if acted.left:
        show.console.print(f"{acted.left} {left}.")


def _balance(run_id: uuid.UUID) -> None:
    from postroom.production.balance import balance
    from postroom.production.models import Run

    show.balance(Run.objects.get(pk=run_id), balance(run_id))


@app.command("data")
def list_data(run: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """The data outputs of a run: which there are, and whether they are written."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.actions.export_data import newest

    outputs = newest(SYSTEM, queries.run(SYSTEM, run))
    if as_json:
        told = [{"layout": one.layout, "file": one.file_name, "state": one.state, "records": one.records,
                 "rows": one.rows, "size": one.size, "sums": one.sums} for one in outputs]  # fmt: skip
        show.as_json(told)
        return
    show.as_table(
        ("Layout", "File", "State", ">Records", ">Rows", ">Bytes"),
        [(one.layout, one.file_name, one.state, one.records, one.rows, one.size) for one in outputs],
        empty="This run has no data outputs. Its template names them in layouts/; see docs/outputs.md.",
    )


@app.command("export-data")
def export_data(
    run: str,
    layout: str,
    to: Annotated[Path | None, typer.Option(help="The file to write; by default its own name, here.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Have it written once more, and return.")] = False,
) -> None:
    """Write the data of a run, by a layout of its template, into a file."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.actions import export_data as exporting

    found = queries.run(SYSTEM, run)
    if again:
        exporting.write_again(SYSTEM, found, layout)
        show.console.print(f"{layout} of {found.ref} is written again by the next worker that is free.")
        return
    output, pieces = exporting.export_data(SYSTEM, found, layout)
    path = to or Path(output.file_name)
    growing = path.with_name(f".{path.name}.{os.getpid()}.part")
    with growing.open("wb") as file:
        for piece in pieces:
            file.write(piece)
    growing.replace(path)
    show.console.print(f"{output.records} records in {output.rows} rows written to {path}.")
