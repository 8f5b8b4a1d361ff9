"""``postroom event``: tell that something happened, or that it is no reason any more."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput, NotFound

if TYPE_CHECKING:
    from postroom.schedules.models import Cause

app = typer.Typer(no_args_is_help=True, help="Events that start runs, once per cause.")


@app.command("tell")
def tell(
    name: Annotated[str, typer.Argument(help="Name of the event, such as invoice.unpaid.")],
    cause: Annotated[str, typer.Argument(help="What it is about: the same cause acts once.")],
    data: Annotated[Path, typer.Argument(help="JSON file with the record; - reads standard input.")],
    due: Annotated[str, typer.Option(help="The date it goes by, such as 2026-11-30.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """An event happened. Its data is kept at once; the run starts when it is due."""
    if str(data) != "-" and not data.is_file():
        raise NotFound(f"There is no file {data}.", hint="Check the path.")
    try:
        day = dt.date.fromisoformat(due) if due else None
    except ValueError as error:
        raise BadInput(f"--due {due!r} is no date.", hint="Write it as 2026-11-30.") from error
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production import exact_json
    from postroom.schedules.actions.tell_event import tell_event

    try:
        record = exact_json.loads(sys.stdin.read() if str(data) == "-" else data.read_text(encoding="utf-8"))
    except ValueError as error:  # no JSON, or no UTF-8
        raise BadInput(f"{data} is not JSON: {error}.", hint="It holds one JSON object.") from error
    if not isinstance(record, dict):
        raise BadInput(f"{data} is not one JSON object.", hint="Tell one event for each record.")
    told = tell_event(SYSTEM, name=name, cause=cause, data=record, due=day)
    _show(list(told.causes), as_json, "was told before; nothing is done twice" if told.repeated else "")


@app.command("lapse")
def lapse(
    cause: Annotated[str, typer.Argument(help="The cause that is no reason any more.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The cause lapsed: what is planned because of it is not made."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.actions.lapse_cause import lapse_cause

    _show(lapse_cause(SYSTEM, cause), as_json, "")


def _show(causes: list[Cause], as_json: bool, note: str) -> None:
    if as_json:
        facts = [
            {"schedule": c.schedule.key, "cause": c.key, "state": c.state, "due": c.due.isoformat(), "run": c.run_ref}
            for c in causes
        ]
        show.as_json(facts)
        return
    for each in causes:
        said = f"{each.key} in {each.schedule.key}: {each.state}"
        when = f", due {each.due:%d %b %Y %H:%M} UTC" if each.state == "planned" else ""
        show.console.print(f"{said}{when}{f', {each.run_ref}' if each.run_ref else ''}.")
    if note:
        show.console.print(f"It {note}.")
