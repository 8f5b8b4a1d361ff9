"""The process of the live counts with a fault: it counts for each page that is open, not once for all."""

from __future__ import annotations

import asyncio
import sys

from postroom.project.asgi import leave_last, stream
from postroom.project.boot import boot

if __name__ == "__main__":
    leave_last()
    boot(migrate=False)
    from postroom.project.hub import Hub, Stream
    from postroom.web.counts import Counts

    class Greedy(Hub):
        async def counts_for(self, stream: Stream) -> Counts:
            return await self._count(stream.roles)

    asyncio.run(stream(sys.argv[1], int(sys.argv[2]), Greedy()))
    leave_last.code = 0
