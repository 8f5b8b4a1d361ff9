"""Wake-ups for Procrastinate."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

from postroom.kernel.tasks_env import in_worker
from postroom.production.pipeline import compose_chunk
from postroom.production.reading import read_parcel
from postroom.production.wake import COMPOSE_QUEUE, COMPOSE_TASK, READ_QUEUE, READ_TASK


@app.task(name=READ_TASK, queue=READ_QUEUE)
@in_worker
def read_parcel_task(run_id: str) -> None:
    """Read a run's parcel into chunks."""
    read_parcel(uuid.UUID(run_id))


@app.task(name=COMPOSE_TASK, queue=COMPOSE_QUEUE)
@in_worker
def compose_chunk_task(chunk_id: str) -> None:
    """Compose one chunk."""
    compose_chunk(uuid.UUID(chunk_id))
