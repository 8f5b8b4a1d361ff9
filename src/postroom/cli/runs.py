"""``postroom runs``: what ran, and how it balances."""

from __future__ import annotations

from typing import Annotated

import typer

from postroom.cli import show

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


@app.command("cancel")
def cancel(run: str, reason: Annotated[str, typer.Option(help="Why; it is kept.")]) -> None:
    """Cancel what has not left yet."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries
    from postroom.production.actions.cancel_run import cancel_run
    from postroom.production.balance import balance

    found = cancel_run(SYSTEM, queries.run(SYSTEM, run).pk, reason)
    show.balance(found, balance(found.pk))
