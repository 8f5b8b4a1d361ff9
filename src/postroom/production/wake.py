"""Wake-ups of the reading and composing workers. The rows are the truth; lost ones are made good by the sweeper."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

READ_TASK, READ_QUEUE = "production.read_parcel", "intake"
DATA_TASK = "production.write_data"
COMPOSE_TASK, COMPOSE_QUEUE = "production.compose_chunk", "render"


def wake_reader(run_id: uuid.UUID, priority: int = 0, *, after: float = 0.0) -> None:
    """``after``: not before so many seconds."""
    _defer(READ_TASK, READ_QUEUE, priority, after, run_id=str(run_id))


def wake_data_writer(output_id: uuid.UUID, *, after: float = 0.0) -> None:
    """Have a data output written, by whoever reads parcels: both go through a whole run once."""
    _defer(DATA_TASK, READ_QUEUE, 0, after, output_id=str(output_id))


def wake_composer(chunk_id: uuid.UUID, priority: int = 0, *, after: float = 0.0) -> None:
    """Which chunk the woken worker takes is decided when it comes (``turns.py``); this one is meant by default."""
    _defer(COMPOSE_TASK, COMPOSE_QUEUE, priority, after, chunk_id=str(chunk_id))


def _defer(task: str, queue: str, priority: int, after: float, **arguments: str) -> None:
    delay = {"seconds": after} if after else None
    app.configure_task(task, queue=queue, priority=priority, schedule_in=delay).defer(**arguments)
