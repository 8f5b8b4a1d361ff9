"""Wake-ups of the reading and composing workers. The rows are the truth; lost ones are made good by the sweeper."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

READ_TASK, READ_QUEUE = "production.read_parcel", "intake"
COMPOSE_TASK, COMPOSE_QUEUE = "production.compose_chunk", "render"


def wake_reader(run_id: uuid.UUID) -> None:
    app.configure_task(READ_TASK, queue=READ_QUEUE).defer(run_id=str(run_id))


def wake_composer(chunk_id: uuid.UUID, priority: int = 0) -> None:
    app.configure_task(COMPOSE_TASK, queue=COMPOSE_QUEUE, priority=priority).defer(chunk_id=str(chunk_id))
