"""``postroom deliveries``: what is on its way, what came back, what is in doubt."""

from __future__ import annotations

from typing import Annotated

import typer

from postroom.cli import show

app = typer.Typer(no_args_is_help=True, help="Deliveries.")


@app.command("list")
def list_deliveries(
    state: Annotated[str, typer.Option(help="ready, sending, delivered, failed, in_doubt, ...")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 30,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The newest deliveries."""
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.queries import deliveries_visible_to
    from postroom.delivery.spec import Truth
    from postroom.identity.actor import SYSTEM

    rows = deliveries_visible_to(SYSTEM).select_related("communication__party").order_by("-created_at", "-id")
    if state:
        rows = rows.filter(state=state)
    if as_json:
        show.as_json(
            [
                {
                    "id": str(row.pk),
                    "party": row.communication.party.key,
                    "channel": row.channel,
                    "destination": row.destination_id,
                    "address": row.address,
                    "state": row.state,
                    "truth": Truth(row.truth).name.lower(),
                    "code": row.code,
                    "reason": row.reason,
                }
                for row in rows[:limit]
            ]
        )
        return
    show.as_table(
        ("Party", "By", "To", "State", "How sure", "Why", "Id"),
        [
            (
                row.communication.party.name,
                row.destination_id,
                row.address,
                row.state.replace("_", " "),
                Truth(row.truth).name.lower(),
                row.reason,
                row.pk,
            )
            for row in rows[:limit]
        ],
        empty="No delivery is in that state.",
    )


@app.command("decide")
def decide(
    delivery: str,
    arrived: Annotated[bool, typer.Option("--arrived/--send-again", help="What you found out.")],
    reason: Annotated[str, typer.Option(help="How you know; it is kept.")],
) -> None:
    """Decide a delivery in doubt."""
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.actions.decide_doubt import decide_doubt
    from postroom.identity.actor import SYSTEM

    row = decide_doubt(SYSTEM, delivery, arrived=arrived, reason=reason)
    show.console.print(f"Delivery {row.pk} is {row.state}.")
