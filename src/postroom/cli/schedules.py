"""``postroom schedule``: runs that start by themselves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput, NotFound

if TYPE_CHECKING:
    from postroom.schedules.models import Firing, Schedule

app = typer.Typer(no_args_is_help=True, help="Runs that start by the clock, by an event, or by a document's date.")
Key = Annotated[str, typer.Argument(help="Key of the schedule.")]


@app.command("add")
def add(
    key: Annotated[str, typer.Argument(help="A key of your own, such as morning-invoices.")],
    template: Annotated[str, typer.Argument(help="Key of the template.")],
    cron: Annotated[str, typer.Option(help="When, as five cron fields: 0 6 * * MON-FRI.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone of the schedule, such as Europe/Berlin.")] = "UTC",
    watch: Annotated[str, typer.Option(help="Folder whose new files are run; relative to the open folder.")] = "",
    file: Annotated[str, typer.Option(help="One file that is run each time as it is.")] = "",
    pattern: Annotated[str, typer.Option(help="Names of the files to take from the folder.")] = "*",
    newest: Annotated[bool, typer.Option("--newest", help="Take the newest file only.")] = False,
    settle: Annotated[int, typer.Option(help="Seconds a file must have been left alone.")] = 30,
    move: Annotated[bool, typer.Option("--move", help="Put taken files into done/.")] = False,
    catch_up: Annotated[str, typer.Option(help="Missed times: newest, each or skip.")] = "newest",
    event: Annotated[str, typer.Option(help="Start when events of this name are told.")] = "",
    documents: Annotated[str, typer.Option(help="Start by a date of documents of this kind.")] = "",
    date_field: Annotated[str, typer.Option(help="Field of the data that holds the date, such as due_on.")] = "",
    days: Annotated[int, typer.Option(help="Days after that date; negative: before it.")] = 0,
    at: Annotated[str, typer.Option(help="Time of that day.")] = "06:00",
    mapping: Annotated[Path | None, typer.Option(help="Mapping file (YAML).")] = None,
    to: Annotated[str, typer.Option(help="Send everything to this destination.")] = "",
    priority: Annotated[int, typer.Option(help="0 is a batch; higher runs go first, up to 99.")] = 0,
    hold: Annotated[bool, typer.Option("--hold", help="Compose, and send nothing until somebody releases it.")] = False,
    name: Annotated[str, typer.Option(help="A name for people; the key without it.")] = "",
) -> None:
    """Set up a schedule."""
    if sum(map(bool, (cron, event, documents))) != 1:
        raise BadInput("A schedule goes by one of --cron, --event and --documents.", hint="Give exactly one of them.")
    if cron and bool(watch) == bool(file):
        raise BadInput("A schedule by the clock takes its records from --watch or --file.", hint="Give one of them.")
    if mapping is not None and not mapping.is_file():
        raise NotFound(f"There is no mapping file {mapping}.", hint="Check the path.")
    try:
        time = dt.time.fromisoformat(at)
    except ValueError as error:
        raise BadInput(f"--at {at!r} is no time of day.", hint="Write it as 06:30.") from error
    from postroom.cli.run import _mapping
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.actions.add_schedule import add_schedule
    from postroom.schedules.wanted import Wanted

    made = add_schedule(
        SYSTEM,
        Wanted(
            name=name or key,
            key=key,
            goes_by="clock" if cron else "event" if event else "document",
            cron=cron,
            time_zone=zone,
            take="file" if file else "watch",
            path=file or watch,
            pattern=pattern,
            which="newest" if newest else "every",
            settle_seconds=settle,
            after="move" if move else "remember",
            event=event or documents,
            date_field=date_field,
            offset_days=days,
            at_time=time,
            template_key=template,
            mapping=_mapping(mapping) if mapping else "",
            destination=to,
            priority=priority,
            hold=hold,
            catch_up=catch_up,
        ),
    )
    _say(made)


@app.command("list")
def list_schedules(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """All schedules, and when each starts next."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.queries import schedules_visible_to

    rows = list(schedules_visible_to(SYSTEM))
    if as_json:
        show.as_json([_facts(row) for row in rows])
        return
    show.as_table(
        ("Key", "Template", "Goes by", "Next", "State"),
        [(r.key, r.template_key, r.cron or f"{r.goes_by} {r.event}", _moment(r.next_due), _state(r)) for r in rows],
        empty="No schedule yet. Add one: postroom schedule add KEY TEMPLATE --cron '0 6 * * *' --watch .",
    )


@app.command("show")
def show_schedule(key: Key, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """One schedule: its next times, and what came of the last ones."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.schedules import queries

    found = queries.schedule(SYSTEM, key)
    fired = list(queries.firings_of(found)[:10])
    if as_json:
        coming = [at.isoformat() for at in queries.coming(found)]
        show.as_json({**_facts(found), "coming": coming, "fired": [_fired(each) for each in fired]})
        return
    _say(found)
    show.as_table(
        ("Due", "State", "Runs", "Told"),
        [(_moment(each.due), each.state, " ".join(each.runs), each.told) for each in fired],
        empty="It has not started anything yet.",
    )


@app.command("pause")
def pause(key: Key) -> None:
    """Start nothing until it is resumed."""
    _act(key, "pause")


@app.command("resume")
def resume(key: Key) -> None:
    """Go on; times that passed meanwhile are left out."""
    _act(key, "resume")


@app.command("remove")
def remove(key: Key) -> None:
    """Take it away; its runs stay."""
    _act(key, "remove")


@app.command("restore")
def restore(key: Key) -> None:
    """Bring a removed schedule back."""
    _act(key, "restore")


@app.command("run-now")
def run_now(key: Key, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Start now what it would start; its next time stays."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.actions.run_now import run_now as start

    made = start(SYSTEM, key)
    if as_json:
        show.as_json(_fired(made))
    else:
        said = f"Started: {', '.join(made.runs)}." if made.runs else "Nothing to start."
        show.console.print(" ".join(part for part in (said, made.told, made.hint) if part))


def _act(key: str, verb: str) -> None:
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.schedules.actions.pause_schedule import pause_schedule
    from postroom.schedules.actions.remove_schedule import remove_schedule
    from postroom.schedules.actions.restore_schedule import restore_schedule
    from postroom.schedules.actions.resume_schedule import resume_schedule

    acts = {"pause": pause_schedule, "resume": resume_schedule, "remove": remove_schedule, "restore": restore_schedule}
    found = acts[verb](SYSTEM, key)
    if verb == "remove":
        show.console.print(f"{found.key} is removed. To undo: postroom schedule restore {found.key}")
    else:
        _say(found)


def _say(found: Schedule) -> None:
    following = f"Next: {_moment(found.next_due)}." if found.next_due and not found.paused_at else ""
    show.console.print(" ".join(part for part in (f"{found.key} is {_state(found)}.", following) if part))
    if found.trouble:
        show.console.print(f"{found.trouble} {found.trouble_hint}".strip())


def _state(found: Schedule) -> str:
    if found.removed_at:
        return "removed"
    return "paused" if found.paused_at else "in use"


def _moment(at: dt.datetime | None) -> str:
    return f"{at:%d %b %Y %H:%M} UTC" if at else ""


def _facts(found: Schedule) -> dict[str, Any]:
    names = ("key", "name", "goes_by", "cron", "time_zone", "event", "template_key", "destination", "hold", "trouble")
    return {name: getattr(found, name) for name in names} | {
        "state": _state(found),
        "next_due": found.next_due.isoformat() if found.next_due else None,
    }


def _fired(made: Firing) -> dict[str, Any]:
    return {
        "due": made.due.isoformat(),
        "state": made.state,
        "runs": made.runs,
        "missed": made.missed,
        "told": made.told,
        "hint": made.hint,
    }
