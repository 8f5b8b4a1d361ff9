"""Wake-ups of replays. The rows are the truth; lost ones are made good by the sweep."""

from __future__ import annotations

import uuid

from procrastinate.contrib.django import app

from postroom.production.wake import COMPOSE_QUEUE

REPLAY_TASK = "production.replay"
#: Behind every letter that waits to be composed.
_LAST = -10


def wake_replay(replay_id: uuid.UUID) -> None:
    """Ask for a turn, inside the caller's transaction. One is served at a time: letters keep their hands."""
    app.configure_task(REPLAY_TASK, queue=COMPOSE_QUEUE, priority=_LAST, lock=REPLAY_TASK).defer(
        replay_id=str(replay_id)
    )
