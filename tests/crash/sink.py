"""A mail relay that notes the key of each arrival, durably, before it answers, and cannot be asked for anything."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([^@>]+)@")


class Notes:
    """One line per arrival in a file; ``answer_after`` seconds pass between the arrival and the answer."""

    def __init__(self, path: Path, answer_after: float) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._pause = answer_after

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        found = _MESSAGE_ID.search(bytes(envelope.original_content or b""))
        os.write(self._fd, (found.group(1) if found else b"no-key") + b"\n")
        os.fsync(self._fd)
        await asyncio.sleep(self._pause)
        return "250 2.0.0 noted"


async def serve(path: Path, answer_after: float) -> None:
    """Listen on a free port, say which, and stay."""
    loop = asyncio.get_running_loop()
    notes = Notes(path, answer_after)
    server = await loop.create_server(lambda: SMTP(notes, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--answer-after", type=float, default=0.0)
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.log, chosen.answer_after))
