"""Wake-ups for Procrastinate."""

from __future__ import annotations

import logging
import time
import uuid

from procrastinate.contrib.django import app

from postroom.kernel.errors import Unavailable
from postroom.kernel.tasks_env import in_worker
from postroom.production import heap, pressure
from postroom.production.courtesy import Courtesy
from postroom.production.dataout import write_output
from postroom.production.pipeline import compose_chunk
from postroom.production.reading import read_parcel
from postroom.production.replay.going import take_a_turn
from postroom.production.replay.wake import REPLAY_TASK
from postroom.production.turns import next_chunks, served
from postroom.production.wake import COMPOSE_QUEUE, COMPOSE_TASK, DATA_TASK, READ_QUEUE, READ_TASK, wake_composer

log = logging.getLogger("postroom.production")

#: So long a composing worker waits for room or for something urgent, before its wake-up goes back to the queue.
_PATIENCE, _LOOK_AGAIN, _LATER = 5.0, 0.25, 1.0


@app.task(name=READ_TASK, queue=READ_QUEUE)
@in_worker
def read_parcel_task(run_id: str) -> None:
    """Read a run's parcel into chunks."""
    read_parcel(uuid.UUID(run_id), between=Courtesy())


@app.task(name=DATA_TASK, queue=READ_QUEUE)
@in_worker
def write_data_task(output_id: str) -> None:
    """Write a run's data as a file."""
    write_output(uuid.UUID(output_id))


@app.task(name=COMPOSE_TASK, queue=COMPOSE_QUEUE)
@in_worker
def compose_chunk_task(chunk_id: str) -> None:
    """Compose the chunk that has its turn. Under pressure wait here, where whatever is urgent is seen at once."""
    disk = pressure.Gauge(pressure.of_disk)
    until = time.monotonic() + _PATIENCE
    while True:
        chunks, waits = next_chunks(lambda run_id, priority: disk() or pressure.on_composing(run_id, priority))
        if any(_compose(chunk) for chunk in chunks) or not waits:
            return
        if time.monotonic() >= until or pressure.LEAVING.is_set():
            wake_composer(uuid.UUID(chunk_id), after=_LATER)
            return
        time.sleep(_LOOK_AGAIN)


@app.task(name=REPLAY_TASK, queue=COMPOSE_QUEUE)
@in_worker
def replay_task(replay_id: str) -> None:
    """Go on with a replay for a while."""
    take_a_turn(uuid.UUID(replay_id))


def _compose(chunk_id: uuid.UUID) -> bool:
    """Whether the chunk was ours. What is not its fault (the disk filled up meanwhile, a key is away) is waited for:
    the chunk is ready again, and this worker rests, so that a queue of wake-ups does not run dry against a wall."""
    try:
        if not compose_chunk(chunk_id):
            return False
    except Unavailable as error:
        log.warning("chunk %s waits: %s", chunk_id, error.message)
        time.sleep(_LATER)
        wake_composer(chunk_id, after=_LATER)
    served(chunk_id)
    heap.settle()
    return True
