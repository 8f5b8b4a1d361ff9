"""``postroom channel``: destinations, set up and tried."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput, ExitCode, NotFound

app = typer.Typer(no_args_is_help=True, help="Channels and destinations.")


@app.command("list")
def list_destinations() -> None:
    """Destinations that are set up."""
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.models import Destination
    from postroom.delivery.pace import waiting

    waits = waiting()
    show.as_table(
        ("Key", "Channel", "In use", "Waiting", "Settings"),
        [
            (d.key, d.channel, "yes" if d.enabled else "no", str(waits[d.key]), json.dumps(d.config))
            for d in Destination.objects.order_by("key")
        ],
        empty="No destination is set up.",
    )


@app.command("set")
def set_up(
    key: str,
    channel: Annotated[str, typer.Argument(help="email, folder, portal, or an installed plugin.")],
    setting: Annotated[list[str] | None, typer.Argument(help="name=value, such as host=relay.example port=587")] = None,
    disable: Annotated[bool, typer.Option(help="Keep it, but choose it no more.")] = False,
) -> None:
    """Set up a destination. Secrets are given as names of environment variables.

    Every channel knows rate (60/minute), burst, parallel and timeout.
    """
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.identity.actor import SYSTEM

    config: dict[str, object] = {}
    for pair in setting or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"{pair!r} has no '='.", hint="Write settings as name=value.")
        try:
            config[name] = json.loads(value)
        except json.JSONDecodeError:
            config[name] = value
    set_destination(SYSTEM, key, channel, config, enabled=not disable)
    show.console.print(f"{key} is set up. Try it: postroom channel check {key}")


@app.command("check")
def check(key: str) -> None:
    """Try a destination without delivering anything."""
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.channels import channel_of
    from postroom.delivery.models import Destination

    destination = Destination.objects.filter(key=key).first()
    if destination is None:
        raise NotFound(f"There is no destination {key!r}.", hint="See `postroom channel list`.")
    findings = channel_of(destination).check()
    for finding in findings:
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
        show.console.print(f"{mark} {finding.what} {finding.hint}".rstrip())
    if not all(finding.ok for finding in findings):
        raise typer.Exit(int(ExitCode.UNAVAILABLE))
