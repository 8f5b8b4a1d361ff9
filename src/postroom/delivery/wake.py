"""Wake-ups of the delivery workers. The rows are the truth; a lost wake-up is made good by the sweeper."""

from __future__ import annotations

import datetime as dt

from procrastinate.contrib.django import app

TASK = "delivery.dispatch"
QUEUE = "deliver"


def wake(destination: str, at: dt.datetime | None = None) -> None:
    """Ask for ``destination`` to be served, inside the caller's transaction."""
    app.configure_task(TASK, queue=QUEUE, schedule_at=at).defer(destination=destination)
