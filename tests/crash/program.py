"""The real program, in more of a hurry, or a mutant of it: one safeguard is taken out, to see that somebody notices.

Nothing of this exists in the product; the changes are made from outside, in the process that runs.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from postroom.cli import app
from postroom.kernel import clock, failpoints
from postroom.project import supervisor
from postroom.project.boot import boot


def drop_intent() -> None:
    """The claim, the send and its outcome become one transaction: the intent is not on disk before the effect."""
    from django.db import transaction

    from postroom.delivery import dispatch, tasks

    real = dispatch.dispatch

    def together(*arguments: Any, **named: Any) -> bool:
        with transaction.atomic():
            return real(*arguments, **named)

    vars(tasks)["dispatch"] = together


def drop_look_up() -> None:
    """Whoever recovers takes for granted that nothing arrived, and sends again."""
    from postroom.plugins.channels.folder import FolderChannel

    FolderChannel.look_up = lambda self, letter: None  # type: ignore[method-assign]


def drop_require() -> None:
    """A worker sends without asking whether it still holds the lock that proves its life."""
    from postroom.kernel.liveness import WorkerLock

    WorkerLock.require = lambda self: None  # type: ignore[method-assign]


def drop_claim() -> None:
    """Whoever has composed a chunk commits it, whoever has it by now."""
    from django.db import connection

    from postroom.production import commit

    def careless(run: Any, chunk_id: Any, claim: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE run_chunk SET state = 'done', claim = NULL WHERE id = %s", (chunk_id,))
        return False

    commit._close = careless


def forget_bytes() -> None:
    """Rows are committed although their bytes were never appended: what a lying disk leaves behind."""
    from postroom.plugins.stores import local

    local.LocalSegment.append = _lose  # type: ignore[method-assign]


def _lose(self: Any, data: bytes) -> int:
    start: int = self._end
    self._end += len(data)
    return start


def rows_before_bytes() -> None:
    """Bytes wait in memory until their rows are committed: the order of ADR 0014 the other way round."""
    from django.db import transaction

    from postroom.plugins.stores.local import LocalSegment
    from postroom.vault.write import Batch

    waiting: list[tuple[Any, bytes]] = []
    really_append, really_sync, really_record = LocalSegment.append, Batch.sync, Batch.record

    def later(self: Any, data: bytes) -> int:
        start = _lose(self, data)
        waiting.append((self, data))
        return start

    def flush(batch: Batch) -> None:
        failpoints.reach("after-commit")
        while waiting:
            segment, data = waiting.pop(0)
            segment._end -= len(data)
            really_append(segment, data)
        really_sync(batch)

    def record(self: Batch) -> None:
        really_record(self)
        transaction.on_commit(partial(flush, self))

    LocalSegment.append = later  # type: ignore[method-assign]
    Batch.sync, Batch.record = Batch._flush, record  # type: ignore[method-assign]


MUTATIONS: dict[str, Callable[[], None]] = {
    "drop-intent": drop_intent,
    "drop-look-up": drop_look_up,
    "drop-require": drop_require,
    "drop-claim": drop_claim,
    "forget-bytes": forget_bytes,
    "rows-before-bytes": rows_before_bytes,
}


def hurry() -> None:
    """Upkeep every second (``CRASH_UPKEEP``), of segments at rest for five."""
    from postroom.project import worker
    from postroom.vault import upkeep
    from postroom.vault.compact import compact

    worker._UPKEEP = float(os.environ.get("CRASH_UPKEEP", "1"))
    vars(upkeep)["compact"] = partial(compact, worth=0.02, settled=dt.timedelta(seconds=5))


def set_clock() -> None:
    """A clock that somebody sets wrong: the file ``CRASH_CLOCK`` holds by how many seconds."""
    place = Path(os.environ.get("CRASH_CLOCK", ""))

    def now() -> dt.datetime:
        try:
            wrong = float(place.read_text("ascii") or 0)
        except (FileNotFoundError, IsADirectoryError):
            wrong = 0.0
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=wrong)

    clock.now = now


def one_of_a_kind(self: supervisor.Supervisor, render: int | None = None) -> None:
    """Each kind of worker alone and twice, or beside one other kind, so that one dies without the rest."""
    for number in range(render or 2):
        self.add(f"render-{number + 1}", supervisor.worker_command(["render"]))
    self.add("deliver-1", supervisor.worker_command(["deliver", "read"]))
    self.add("deliver-2", supervisor.worker_command(["deliver", "sweep"]))


def main() -> None:
    mutation = sys.argv.pop(1)
    real = supervisor.worker_command

    def same_kind(roles: list[str], concurrency: int = 1) -> list[str]:
        command = real(roles, concurrency)
        return [command[0], "-m", "crash.program", mutation, *command[3:]]

    supervisor.worker_command = same_kind
    supervisor._PAUSE, supervisor._LONGEST_PAUSE = 0.05, 0.4
    set_clock()
    if sys.argv[1] == "serve":
        supervisor.Supervisor.add_workers = one_of_a_kind  # type: ignore[method-assign]
    if sys.argv[1] == "worker":
        boot()
        from postroom import __version__
        from postroom.kernel import liveness

        hurry()
        vars(liveness)["__version__"] = os.environ.get("CRASH_VERSION", __version__)
        MUTATIONS.get(mutation, lambda: None)()
    app.main()


if __name__ == "__main__":
    main()
