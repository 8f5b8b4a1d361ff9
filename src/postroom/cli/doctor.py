"""``postroom doctor``: what is present, missing or wrong, and how to mend each."""

from __future__ import annotations

from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import ExitCode


def doctor(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Look at database, fonts, assets, disk, clock, cage, channels and optional programs."""
    from postroom.project.doctor import examine

    findings = examine()
    if as_json:
        show.as_json([finding.as_json() for finding in findings])
    else:
        marks = {"ok": "[green]✓[/green]", "note": "[yellow]·[/yellow]", "wrong": "[red]✗[/red]"}
        for finding in findings:
            show.console.print(f"{marks[finding.state]} [bold]{finding.what}[/bold]  {finding.told}")
            if finding.hint and finding.state != "ok":
                show.console.print(f"    {finding.hint}")
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(int(ExitCode.UNAVAILABLE))
