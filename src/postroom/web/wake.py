"""Wake-ups for work the desk leaves behind. The rows are the truth; the sweep makes a lost wake-up good.

One wake-up is served at a time (``lock``), so that works of several people take turns and deliveries keep their hands.
"""

from __future__ import annotations

from procrastinate.contrib.django import app

TASK, QUEUE = "web.go_on", "desk"


def wake(work_id: int) -> None:
    """Ask for a work on many rows to be gone on with, inside the caller's transaction."""
    app.configure_task(TASK, queue=QUEUE, lock=QUEUE).defer(work_id=work_id)
