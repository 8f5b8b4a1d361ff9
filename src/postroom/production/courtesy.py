"""What a reader does between two chunks: it lets what is urgent pass, and waits while nothing more should come in.

A file is read as a stream, and taking it up again means reading it from its beginning. So a reader that has to wait
keeps its place; meanwhile it reads for others, since as many waiting readers as there are places would keep
everybody's letters out.
"""

from __future__ import annotations

import time
import uuid

from postroom.kernel import liveness
from postroom.production import pressure
from postroom.production.models import READING, Run
from postroom.production.reading import ReadLater, read_parcel

_LOOK_AGAIN = 0.25


class Courtesy:
    """Called by ``read_parcel`` before each chunk is committed. ``guest``: it reads in another reader's place, and
    leaves as soon as it would have to wait."""

    def __init__(self, *, guest: bool = False) -> None:
        self._guest = guest
        self._look_at = 0.0

    def __call__(self, run: Run) -> None:
        """Raises ReadLater when the place is needed for others, or the worker stops."""
        if time.monotonic() < self._look_at:
            return
        while True:
            if pressure.LEAVING.is_set():
                raise ReadLater("The worker stops.")
            waits = pressure.on_reading(run) is not None
            if waits and self._guest:
                raise ReadLater("There is no room at the moment.")
            if not self._guest:
                self._let_pass(run, anybody=waits)
            self._look_at = time.monotonic() + _LOOK_AGAIN
            if not waits:
                return
            time.sleep(_LOOK_AGAIN)

    def _let_pass(self, run: Run, *, anybody: bool) -> None:
        """Read what nobody reads yet: what is more urgent, or anything while this one waits."""
        waiting = Run.objects.filter(state=READING, worker_lock=None).exclude(pk=run.pk)
        if not anybody:
            waiting = waiting.filter(priority__gt=run.priority)
        rows = waiting.order_by("-priority", "woken_at").values_list("pk", "priority")[:1]
        for run_id, _ in rows:
            read_for(run_id)


def read_for(run_id: uuid.UUID) -> None:
    """Read another run as a guest, with the same worker's lock."""
    liveness.current()
    read_parcel(run_id, between=Courtesy(guest=True))
