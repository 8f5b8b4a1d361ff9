"""``postroom deliveries``: what is on its way, what came back, what is in doubt."""

from __future__ import annotations

import uuid
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


@app.command("hold")
def hold(delivery: str, reason: Annotated[str, typer.Option(help="Why; it is shown with it.")] = "") -> None:
    """Hold a delivery that has not left."""
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.actions.hold_delivery import hold_delivery
    from postroom.identity.actor import SYSTEM

    row = hold_delivery(SYSTEM, _id(delivery), reason)
    show.console.print(f"Delivery {row.pk} is {row.state}.")


@app.command("release")
def release(delivery: str) -> None:
    """Let a delivery go on that was held by itself."""
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.actions.release_delivery import release_delivery
    from postroom.identity.actor import SYSTEM

    row = release_delivery(SYSTEM, _id(delivery))
    show.console.print(
        f"Delivery {row.pk} is {row.state}." if row.state == "ready" else f"Delivery {row.pk} waits with its run."
    )


@app.command("cancel")
def cancel(delivery: str, reason: Annotated[str, typer.Option(help="Why; it is kept.")]) -> None:
    """Cancel a delivery that has not left."""
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.actions.cancel_delivery import cancel_delivery
    from postroom.identity.actor import SYSTEM

    row = cancel_delivery(SYSTEM, _id(delivery), reason)
    show.console.print(f"Delivery {row.pk} is {row.state}.")


def _id(text: str) -> uuid.UUID:
    from postroom.delivery.queries import delivery
    from postroom.identity.actor import SYSTEM

    return delivery(SYSTEM, text).pk
