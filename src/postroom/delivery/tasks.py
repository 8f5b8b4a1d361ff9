"""Wake-ups for Procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from postroom.delivery.dispatch import dispatch
from postroom.delivery.wake import QUEUE, TASK, wake
from postroom.kernel.tasks_env import in_worker

#: So long a worker stays with one destination before the others of its channel have their turn, seconds.
_SLICE = 0.5


@app.task(name=TASK, queue=QUEUE)
@in_worker
def dispatch_task(destination: str) -> None:
    """Serve one destination; asks for another turn when time ran out before the work did."""
    if dispatch(destination, seconds=_SLICE):
        wake(destination, always=True)
