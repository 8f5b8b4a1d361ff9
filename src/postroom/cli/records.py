"""``postroom records``: what was set aside, and how it goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Records that were set aside.")


@app.command("list")
def list_set_aside(
    run: Annotated[str, typer.Argument(help="Reference of a run; all runs without it.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """What waits to be corrected: line, place, reason, what to do."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries

    rows = queries.set_aside_of(SYSTEM, queries.run(SYSTEM, run) if run else None)
    if as_json:
        show.as_json(
            [
                {
                    "run": row.run.ref,
                    "record": str(row.record_id),
                    "line": row.record.line,
                    "stage": row.stage,
                    "problems": row.problems,
                }
                for row in rows
            ]
        )
        return
    show.as_table(
        ("Run", ">Line", "Record", "Place", "Why", "What to do"),
        [
            (row.run.ref, row.record.line, row.record_id, p["path"], p["reason"], p["hint"])
            for row in rows
            for p in row.problems
        ],
        empty="Nothing is set aside.",
    )


@app.command("show")
def show_record(record: str) -> None:
    """The record as it came in."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries

    found = queries.record(SYSTEM, record)
    show.console.print(found.data or found.raw, markup=False, soft_wrap=True)


@app.command("correct")
def correct(
    record: str,
    data: Annotated[Path, typer.Option(help="JSON file with the whole, corrected record.")],
) -> None:
    """Put corrected data in place of a record and let it go on."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import exact_json
    from postroom.production.actions.correct_record import correct_record

    try:
        body = exact_json.loads(data.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{data} cannot be used: {error}.", hint="Give a UTF-8 file with one JSON object.") from error
    found = correct_record(SYSTEM, record, body)
    show.console.print(f"Record {found.pk} goes on, revision {found.revision}.")
    _follow(str(found.run_id))


@app.command("resubmit")
def resubmit(
    record: Annotated[str, typer.Argument(help="Id of a record.")] = "",
    run: Annotated[str, typer.Option(help="All set-aside records of this run.")] = "",
) -> None:
    """Let records go on as they are, after the cause was mended (a template, a mapping, a font)."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.actions.correct_record import correct_record

    if bool(record) == bool(run):
        raise BadInput("Name one record, or a run with --run.", hint="postroom records resubmit --run R-2026-0001")
    if record:
        run_id = str(correct_record(SYSTEM, record).run_id)
    else:
        found = queries.run(SYSTEM, run)
        run_id = str(found.pk)
        for row in list(queries.set_aside_of(SYSTEM, found)):
            if row.record.data:
                correct_record(SYSTEM, row.record_id)
    _follow(run_id)


def _follow(run_id: str) -> None:
    """Wait until the run is settled again, with workers of our own when none live."""
    from postroom.cli.run import _wait
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.balance import balance

    found = queries.run(SYSTEM, run_id)
    _wait(found, 0, quiet=False)
    show.balance(found, balance(found.pk))
