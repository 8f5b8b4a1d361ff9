"""Wake-ups for Procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from postroom.kernel.tasks_env import in_worker
from postroom.web.bulk import take_a_turn
from postroom.web.wake import QUEUE, TASK


@app.task(name=TASK, queue=QUEUE)
@in_worker
def go_on_task(work_id: int) -> None:
    """Act on the next rows of a work, and ask for another turn when time ran out before the rows did."""
    take_a_turn(work_id)
