"""Stands between a client and a real S3 server, and is rude on demand: an answer at last, none, half, or a refusal."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from urllib.parse import urlsplit

_REFUSALS = {"500": "500 Internal Server Error", "403": "403 Forbidden"}


class RudeFront:
    """``mood``: ``""`` (passes everything on), ``slow`` (two seconds late), ``500``, ``403``, ``half`` (of what the
    server answered, then the line is cut). ``met`` counts connections by mood. Works on bytes, so that signatures,
    which cover the Host header, stay valid."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._behind = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.mood = ""
        self.met: dict[str, int] = {}
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> RudeFront:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.turn("")

    def turn(self, mood: str) -> None:
        """Change the mood; lines that are open are cut, since a client would go on using them."""
        self.mood = mood
        for line in list(self._open):
            _cut(line)

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        mood = self.mood
        self.met[mood] = self.met.get(mood, 0) + 1
        with contextlib.suppress(OSError), line:
            if mood in _REFUSALS:
                line.recv(1 << 16)
                line.sendall(f"HTTP/1.1 {_REFUSALS[mood]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                line.shutdown(socket.SHUT_WR)
                while line.recv(1 << 16):
                    pass
                return
            if mood == "slow":
                time.sleep(2)
            with socket.create_connection(self._behind, 5) as behind:
                behind.settimeout(None)
                self._open.add(behind)
                there = threading.Thread(target=_pass_on, args=(line, behind), daemon=True)
                there.start()
                if mood == "half":
                    answer = behind.recv(1 << 16)
                    line.sendall(answer[: len(answer) // 2])
                else:
                    _pass_on(behind, line)
                _cut(behind)
                self._open.discard(behind)
        self._open.discard(line)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
