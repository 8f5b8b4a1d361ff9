"""The real program, or a mutant of it: one safeguard is taken out, to see that the crash tests notice.

Nothing of this exists in the product; the changes are made from outside, in the process that runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from postroom.cli import app
from postroom.project import supervisor
from postroom.project.boot import boot


def drop_intent() -> None:
    """The claim, the send and its outcome become one transaction: the intent is not on disk before the effect."""
    from django.db import transaction

    from postroom.delivery import dispatch

    real = dispatch.dispatch

    def together(destination_key: str, seconds: float = 15.0) -> bool:
        with transaction.atomic():
            return real(destination_key, seconds)

    from postroom.delivery import tasks

    tasks.dispatch = together


def drop_look_up() -> None:
    """Recovery takes for granted that nothing arrived, and sends again."""
    from postroom.delivery import dispatch

    def careless(gone: list[int]) -> int:
        left = dispatch.Delivery.objects.filter(state="sending", worker_lock__in=gone)
        for delivery in left:
            dispatch._again(delivery)
        return len(left)

    from postroom.production import recovery

    recovery.recover = careless


def forget_bytes() -> None:
    """Rows are committed although their bytes were never appended: what a lying disk leaves behind."""
    from postroom.plugins.stores import local

    local.LocalSegment.append = _lose


def _lose(self: Any, data: bytes) -> int:
    start: int = self._end
    self._end += len(data)
    return start


MUTATIONS: dict[str, Callable[[], None]] = {
    "drop-intent": drop_intent,
    "drop-look-up": drop_look_up,
    "forget-bytes": forget_bytes,
}


def main() -> None:
    mutation = sys.argv.pop(1)
    real = supervisor.worker_command

    def same_kind(roles: list[str], concurrency: int = 1) -> list[str]:
        command = real(roles, concurrency)
        return [command[0], "-m", "crash.program", mutation, *command[3:]]

    supervisor.worker_command = same_kind
    if mutation in MUTATIONS and sys.argv[1] == "worker":
        boot()
        MUTATIONS[mutation]()
    app.main()


if __name__ == "__main__":
    main()
