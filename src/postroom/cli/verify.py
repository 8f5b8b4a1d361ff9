"""``postroom verify``: documents still come out as they are stored, and an upgrade is looked at before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from postroom.cli import show
from postroom.kernel.errors import BadInput, ExitCode

if TYPE_CHECKING:
    from postroom.composition.models import Alarm, SampleProof
    from postroom.production.models import Run
    from postroom.production.reproduce.report import Report

_SHOWN = 20


def verify(
    reproduce: Annotated[bool, typer.Option("--reproduce", help="Make stored documents again and compare.")] = False,
    sample: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many, drawn at random.")] = 1000,
    run: Annotated[str, typer.Option(help="Only documents of this run, such as R-2026-0001.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Draw the same sample again.")] = None,
    accept_engine: Annotated[
        bool, typer.Option("--accept-engine", help="Agree to an upgrade that changes documents.")
    ] = False,
    template: Annotated[
        list[str] | None, typer.Option("--template", help="Agree for this template only; may stand several times.")
    ] = None,
    acknowledge: Annotated[str, typer.Option(help="Id of an alarm that need not stand any longer.")] = "",
    reason: Annotated[str, typer.Option(help="Why it need not.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Hold engine, fonts and library against the published templates; show the alarms that stand."""
    if (run or seed is not None) and not reproduce:
        raise BadInput("--run and --seed choose documents to make again.", hint="Add --reproduce.")
    if template and not accept_engine:
        raise BadInput("--template says for which templates an upgrade is agreed to.", hint="Add --accept-engine.")
    if reason and not acknowledge:
        raise BadInput("--reason belongs to an alarm.", hint="Name it: --acknowledge ID.")
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.accept_toolchain import accept_toolchain
    from postroom.composition.actions.acknowledge_alarm import acknowledge_alarm
    from postroom.composition.alarms import standing
    from postroom.composition.proofs import examine_all, waiting
    from postroom.identity.actor import SYSTEM

    told: dict[str, Any] = {}
    if acknowledge:
        told["acknowledged"] = str(acknowledge_alarm(SYSTEM, acknowledge, reason).pk)
    if accept_engine:
        told["accepted"] = [_named(row) for row in accept_toolchain(SYSTEM, template or ())]
    report = _made_again(sample, seed, run, quiet=as_json) if reproduce else None
    if report is None:
        examine_all()
    waits, alarms = waiting(), standing()
    if as_json:
        told |= report.as_json() if report else {}
        show.as_json(told | {"waiting": [_named(row) for row in waits], "alarms": [_as_json(one) for one in alarms]})
    else:
        _tell(told, report, waits, alarms)
    if alarms or waits or (report and not report.reproducible):
        raise typer.Exit(int(ExitCode.DAMAGED))
    if report and report.interrupted:
        raise typer.Exit(130)


def _made_again(sample: int, seed: int | None, ref: str, *, quiet: bool) -> Report:
    from postroom.identity.actor import SYSTEM
    from postroom.production.queries import run as run_of
    from postroom.production.reproduce.again import make_again

    chosen: Run | None = run_of(SYSTEM, ref) if ref else None
    progress = Progress(
        TextColumn("Made again"),
        BarColumn(bar_width=32),
        TextColumn("{task.completed:>6.0f} of {task.total:.0f}"),
        TimeElapsedColumn(),
        console=show.errors,
        disable=quiet,
        transient=True,
    )
    with progress:
        task = progress.add_task("", total=sample)
        return make_again(
            SYSTEM,
            wanted=sample,
            seed=seed,
            run=chosen,
            progress=lambda done, of: progress.update(task, completed=done, total=of),
        )


def _tell(told: dict[str, Any], report: Report | None, waits: list[SampleProof], alarms: list[Alarm]) -> None:
    say = show.console.print
    if "acknowledged" in told:
        say(f"Alarm {told['acknowledged']} is acknowledged.")
    if "accepted" in told:
        names = ", ".join(told["accepted"])
        say(f"Agreed for {names}: older documents of it are stored only." if names else "No template waits for that.")
    if report is not None:
        _tell_report(report)
    for row in waits:
        say(f"[red]✗[/red] {_named(row)} waits: an upgrade would change its documents.", soft_wrap=True)
    for alarm in alarms:
        say(f"[red]✗[/red] Alarm {alarm.pk} of {alarm.raised_at:%d %b %Y %H:%M} UTC", soft_wrap=True)
        say(f"    {alarm.told}\n    {alarm.hint}", soft_wrap=True)
    if not waits and not alarms:
        say("No template waits, and no alarm stands.")


def _tell_report(report: Report) -> None:
    from postroom.production.reproduce.report import OUTCOMES

    columns = ["template", *(f">{outcome.replace('_', ' ')}" for outcome in OUTCOMES)]
    rows = [[name, *counts.values()] for name, counts in report.counts().items()]
    show.as_table(columns, rows, empty="There is no document yet.")
    for fault in report.faults:
        show.console.print(f"[red]✗[/red] {fault}", soft_wrap=True)
    for difference in report.differences[:_SHOWN]:
        show.console.print(f"[red]✗[/red] {difference.told()}", soft_wrap=True)
    if len(report.differences) > _SHOWN:
        show.console.print(f"    and {len(report.differences) - _SHOWN} more; all of them with --json")
    state = "reproducible" if report.reproducible else "NOT reproducible"
    ended = " It was broken off." if report.interrupted else ""
    show.console.print(f"{report.seen} documents looked at: {state}. Seed {report.seed}.{ended}")


def _named(row: SampleProof) -> str:
    return f"{row.version.template_id} {row.version.no}"


def _as_json(alarm: Alarm) -> dict[str, Any]:
    return {
        "id": str(alarm.pk),
        "kind": alarm.kind,
        "raised_at": alarm.raised_at.isoformat(timespec="seconds"),
        "seen_at": alarm.seen_at.isoformat(timespec="seconds"),
        "document": str(alarm.document_id) if alarm.document_id else None,
        "told": alarm.told,
        "hint": alarm.hint,
        "facts": alarm.facts,
    }
