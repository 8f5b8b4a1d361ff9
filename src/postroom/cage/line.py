"""The keeper's end of the pipe to a cell: sends ahead and receives, so that neither side ever waits for the other."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from typing import IO, Any

from postroom.cage.frames import Reader

_UNSENT = 4 << 20
_MUTTERED = 4096
_ASIDE = "note: run with `RUST_BACKTRACE"  # after the reason, in a line of its own


class Gone(Exception):
    """The cell has ended."""


class TimeUp(Exception):
    """No answer until the deadline."""


class Line:
    """Non-blocking. ``muttering`` is the cell's standard error, drained so that it never blocks the cell."""

    def __init__(self, near: socket.socket, muttering: IO[bytes]) -> None:
        self._socket, self._muttering = near, muttering
        self._reader = Reader()
        self._unsent: deque[memoryview] = deque()
        self._waiting = 0
        self._words = b""
        self._poll = select.poll()
        self._poll.register(near, select.POLLIN)
        self._poll.register(muttering, select.POLLIN)

    @staticmethod
    def pair() -> tuple[socket.socket, socket.socket]:
        near, far = socket.socketpair()
        near.setblocking(False)
        return near, far

    def has_room(self, more: int = 0) -> bool:
        """Whether jobs may be sent ahead when ``more`` bytes have been."""
        return self._waiting + more < _UNSENT

    def post(self, frame: bytes) -> None:
        """Send now what goes, the rest while receiving."""
        self._unsent.append(memoryview(frame))
        self._waiting += len(frame)
        if len(self._unsent) == 1:
            self._send()

    def receive(self, until: float) -> tuple[Any, tuple[bytes, ...]]:
        """The next frame. Raises TimeUp at ``until`` (monotonic seconds), Gone, BrokenFrame."""
        while (frame := self._reader.take()) is None:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeUp
            for handle, event in self._poll.poll(left * 1000 + 1):
                if handle == self._socket.fileno():
                    self._serve(event)
                else:
                    self._listen()
        return frame

    def muttered(self) -> str:
        """What a cell that has ended said last on its standard error; not how its engine could be made to say more."""
        self._listen()
        lines = [line.strip() for line in self._words.decode("utf-8", "replace").splitlines()]
        said = [line for line in lines if line and not line.startswith(_ASIDE)]
        return said[-1][:300] if said else ""

    def close(self) -> None:
        self._socket.close()
        self._muttering.close()

    def _serve(self, event: int) -> None:
        if event & select.POLLOUT:
            self._send()
        if event & (select.POLLIN | select.POLLHUP | select.POLLERR):
            try:
                count = self._socket.recv_into(self._reader.room())
            except BlockingIOError:
                return
            except OSError as error:
                raise Gone from error
            if not count:
                raise Gone
            self._reader.came(count)

    def _send(self) -> None:
        while self._unsent:
            try:
                sent = self._socket.send(self._unsent[0])
            except BlockingIOError:
                self._poll.modify(self._socket, select.POLLIN | select.POLLOUT)
                return
            except OSError:
                self._unsent.clear()  # the cell is gone; receiving will say so, after its last answers
                break
            self._waiting -= sent
            rest = self._unsent[0][sent:]
            if rest:
                self._unsent[0] = rest
            else:
                self._unsent.popleft()
        self._poll.modify(self._socket, select.POLLIN)

    def _listen(self) -> None:
        if self._muttering.closed:
            return
        ready, _, _ = select.select([self._muttering], [], [], 0)
        portion = self._muttering.read(_MUTTERED) if ready else b""
        if portion:
            self._words = (self._words + portion)[-_MUTTERED:]
        elif ready:
            self._poll.unregister(self._muttering)
            self._muttering.close()
