"""``postroom run invoice data.jsonl``: the main job."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput, ExitCode, NotFound

if TYPE_CHECKING:
    from postroom.production.models import Run


def run(
    template: Annotated[str, typer.Argument(help="Key of the template, for example invoice.")],
    data: Annotated[Path, typer.Argument(help="JSON, JSONL, CSV, XML or XLSX file of records.")],
    mapping: Annotated[Path | None, typer.Option(help="Mapping file (YAML) from your records to the contract.")] = None,
    run_key: Annotated[str, typer.Option(help="Your own key: the same key never runs twice.")] = "",
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", help="Option of the source, such as delimiter=;")
    ] = None,
    to: Annotated[str, typer.Option(help="Send everything to this destination, whatever the rules would choose.")] = "",
    hold: Annotated[
        bool, typer.Option("--hold", help="Compose everything, send nothing until `postroom runs release`.")
    ] = False,
    export: Annotated[Path | None, typer.Option(help="Also write each PDF into this folder, by its number.")] = None,
    wait: Annotated[bool, typer.Option(help="Return when the run is settled.")] = True,
    timeout: Annotated[float, typer.Option(help="Longest time to wait, in seconds; 0: as long as it takes.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compose, deliver and archive a document for each record of a file."""
    if not data.is_file():
        raise NotFound(f"There is no file {data}.", hint="Check the path.")
    if mapping is not None and not mapping.is_file():
        raise NotFound(f"There is no mapping file {mapping}.", hint="Check the path.")
    if export is not None and not wait:
        raise BadInput("--export needs the run to be settled.", hint="Leave out --no-wait.")
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run
    from postroom.project.install import install_starters

    install_starters()
    started = start_run(
        SYSTEM,
        template=template,
        path=data,
        mapping=_mapping(mapping) if mapping else "",
        run_key=run_key,
        source_options=_options(option or []),
        destination=to.strip(),
        gate=hold,
    )
    if started.repeated and not as_json:
        show.console.print(f"{started.run.ref} was started with exactly this file before; nothing is done twice.")
    if wait:
        _wait(started.run, timeout, quiet=as_json)
    _finish(started.run, started.repeated, export, as_json, wait)
    if wait and not as_json:
        _tell_kept_back(started.run)


def _mapping(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The mapping file {path} is not UTF-8: byte {error.start} cannot be read.", hint="Save it as UTF-8."
        ) from error


def _options(pairs: list[str]) -> dict[str, str]:
    options = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"--option {pair!r} has no '='.", hint="Write it as name=value.")
        options[name.strip()] = value
    return options


def _wait(run_row: Run, timeout: float, *, quiet: bool) -> None:
    from django.db import InterfaceError, OperationalError, connection

    from postroom.kernel.liveness import living_roles
    from postroom.production.errors import StillRunning
    from postroom.production.follow import follow
    from postroom.production.models import SETTLED, Run
    from postroom.project.supervisor import Supervisor
    from postroom.project.worker import ROLES

    def nobody_works() -> bool:
        try:
            unsettled = Run.objects.filter(pk=run_row.pk).exclude(state=SETTLED).exists()
            return unsettled and not set(ROLES) <= living_roles()
        except (OperationalError, InterfaceError):  # the database just went away: ``follow`` waits for it
            connection.close()
            return False

    with Supervisor() as supervisor:
        started = time.monotonic()
        look_at = tell_at = 0.0
        told = ""
        with show.RunProgress(run_row.ref, quiet=quiet) as progress:
            for balance in follow(run_row.pk):
                progress.update(balance)
                if _kept_back(run_row):
                    return
                if balance.deliveries["in_progress"] and time.monotonic() >= tell_at:
                    tell_at = time.monotonic() + 5
                    told = _tell_waiting(run_row.pk, told)
                if not supervisor.children and time.monotonic() >= look_at:
                    look_at = time.monotonic() + 2  # workers of somebody else may end before our run does
                    if nobody_works():
                        supervisor.add_workers()
                        supervisor.start()
                if timeout and time.monotonic() - started > timeout:
                    raise StillRunning(
                        f"{run_row.ref} is not settled after {timeout:g} s.",
                        hint=f"It goes on while `postroom serve` runs; see `postroom runs show {run_row.ref}`.",
                    )


def _kept_back(run_row: Run) -> bool:
    """Whether only a person can let the run go on: it is held, or composed and waiting for its release."""
    from postroom.production.actions.release_run import composed
    from postroom.production.models import CLOSED

    run_row.refresh_from_db(fields=["held_at", "gate", "state"])
    return run_row.held_at is not None or (run_row.gate == CLOSED and composed(run_row))


def _tell_kept_back(run_row: Run) -> None:
    """What a person has to do next; for a run that waits at its gate, the check first."""
    from postroom.cli.runs import print_check
    from postroom.production.precheck import precheck

    if not _kept_back(run_row):
        return
    if run_row.held_at is None:
        print_check(run_row.ref, precheck(run_row))
    word = "is held" if run_row.held_at else "waits for its release"
    show.console.print(f"{run_row.ref} {word}. Let it go on: postroom runs release {run_row.ref}")


def _tell_waiting(run_id: uuid.UUID, told: str) -> str:
    """Say once why deliveries wait, so that nobody sits in front of a silent terminal."""
    from postroom.production.follow import waiting_for

    reason = waiting_for(run_id)
    if reason and reason.partition(" UTC: ")[2] != told:
        show.errors.print(reason)
    return reason.partition(" UTC: ")[2] or told


def _finish(run_row: Run, repeated: bool, export: Path | None, as_json: bool, wait: bool) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.balance import balance
    from postroom.production.export import export_documents

    counted = balance(run_row.pk)
    written = export_documents(SYSTEM, run_row, export) if export else None
    if as_json:
        body = counted.as_json(run_row.ref)
        if repeated:
            body["repeated"] = True
        if written is not None:
            body["exported"] = written
        show.as_json(body)
    else:
        show.balance(run_row, counted)
        if written is not None:
            show.console.print(f"{written} PDF files written to {export}.")
    if wait and (counted.records_difference or counted.deliveries_difference):
        raise typer.Exit(int(ExitCode.DAMAGED))
