"""The process of the live counts, beside the web process: ``python -m postroom.project.asgi HOST PORT`` (ADR 0019).

One process with one event loop, granian inside it: its streams have to be ended before the server can stop, so the
signals are ours.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import sys
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from postroom.project.boot import boot
from postroom.project.supervisor import SUPERVISOR

if TYPE_CHECKING:
    from postroom.project.hub import Hub


async def stream(host: str, port: int, hub: Hub) -> None:
    """Serve until SIGTERM, SIGINT, or the end of the supervisor that started us."""
    from postroom.project.events import Events

    server = Server(
        Events(hub),
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=2048,
        log_level=LogLevels.error,
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    serving = asyncio.ensure_future(server.serve())
    hub.start()
    parent = int(os.environ.get(SUPERVISOR) or os.getppid())
    while not (stopping.is_set() or serving.done()):
        if os.getppid() != parent:  # the supervisor was killed: nobody would ever stop us
            break
        try:
            await asyncio.wait_for(stopping.wait(), 0.5)
        except TimeoutError:
            continue
    await hub.stop()
    server.stop()  # type: ignore[no-untyped-call]
    await serving


def main() -> None:
    """The process, as ``postroom.project.serving`` starts it."""
    host, port = sys.argv[1:3]
    leave_last()
    boot(migrate=False)
    from postroom.project.hub import Hub

    asyncio.run(stream(host, int(port), Hub()))
    leave_last.code = 0


class _LeaveLast:
    """End the process after everything else that is done at exit, and before the interpreter is taken apart.

    The server's own threads may still hand back what they hold; doing so in an interpreter that is being taken apart
    aborts the process.
    """

    code = 1

    def __call__(self) -> None:
        atexit.register(lambda: os._exit(self.code))  # registered first, so called last


leave_last = _LeaveLast()


if __name__ == "__main__":
    main()
