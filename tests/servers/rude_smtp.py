"""A mail server that misbehaves exactly as told, at exactly the stage told.

Stages: GREETING, EHLO, STARTTLS, AUTH, RSET, MAIL, RCPT, DATA, BODY (the first bytes of the message), DOT.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Say:
    """Answer with these words; ``pause`` seconds before each byte makes a slow drip."""

    words: str
    pause: float = 0.0
    hang_up: bool = False


class Hang:
    """Say nothing and keep the connection open."""


class Drop:
    """Close the connection without a word."""


class Stall:
    """Stop reading: the client's send buffers fill up."""


Act = Say | Hang | Drop | Stall


@dataclass
class RudeServer:
    """``with RudeServer({"DOT": Drop()}) as server: ... server.port``.

    ``acts`` holds one act for a stage, or a list that is used up connection by connection.
    """

    acts: dict[str, Act | list[Act | None]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("SIZE 10000000", "8BITMIME", "DSN")
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    letters_per_connection: int = 0
    port: int = 0
    commands: list[str] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    connections: int = 0

    def start(self) -> RudeServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def stop(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> RudeServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def hang_up_on_everyone(self) -> None:
        """Close idle connections, as servers do after some minutes."""
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        time.sleep(0.05)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(client, self.connections), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket, number: int) -> None:
        self._open.append(client)
        try:
            if self.implicit_tls and self.tls is not None:
                client = self._wrap(client)
            talk = _Talk(self, client, number)
            try:
                talk.run()
            finally:
                talk.client.close()  # STARTTLS made another socket of it
        except OSError:
            client.close()

    def _wrap(self, client: socket.socket) -> socket.socket:
        assert self.tls is not None
        self._open.remove(client)
        wrapped = self.tls.wrap_socket(client, server_side=True)
        self._open.append(wrapped)
        return wrapped


class _Finished(Exception):
    """This connection is over."""


class _Talk:
    def __init__(self, server: RudeServer, client: socket.socket, number: int) -> None:
        self.server, self.client, self.number = server, client, number
        self.reader = client.makefile("rb")
        self.letters = 0

    def run(self) -> None:
        with contextlib.suppress(_Finished, OSError, ValueError):
            self.answer("GREETING", "220 rude.test ESMTP")
            while True:
                line = self.reader.readline()
                if not line:
                    return
                text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
                self.server.commands.append(text)
                self.obey(text.split(" ")[0].upper(), text)
        with contextlib.suppress(OSError):
            self.reader.close()

    def obey(self, verb: str, text: str) -> None:
        if verb == "EHLO":
            offers = [*self.server.extensions]
            if self.server.tls is not None and not isinstance(self.client, ssl.SSLSocket):
                offers.append("STARTTLS")
            lines = ["rude.test", *offers]
            plain = "\r\n".join(f"250{'-' if each is not lines[-1] else ' '}{each}" for each in lines)
            self.answer("EHLO", plain)
        elif verb == "STARTTLS":
            self.answer("STARTTLS", "220 go on")
            self.reader.close()
            self.client = self.server._wrap(self.client)
            self.reader = self.client.makefile("rb")
        elif verb == "DATA":
            self.answer("DATA", "354 go on")
            self.data()
        elif verb == "QUIT":
            self.answer("QUIT", "221 bye")
            raise _Finished
        else:
            self.answer(verb, "235 welcome" if verb == "AUTH" else "250 2.0.0 fine")

    def data(self) -> None:
        lines: list[bytes] = []
        while True:
            line = self.reader.readline()
            if not line:
                raise _Finished
            if not lines and self.act("BODY") is not None:
                self.answer("BODY", "")
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        content = b"".join(lines)
        self.letters += 1
        taken = self.act("DOT") is None or not _is_refusal(self.act("DOT"))
        if taken:  # a server that hangs or drops after the dot has the message all the same
            self.server.kept.append(content)
        self.answer("DOT", "250 2.0.0 queued as RUDE1")
        if self.letters == self.server.letters_per_connection:
            self.say(Say("421 4.7.0 enough for one connection", hang_up=True))

    def act(self, stage: str) -> Act | None:
        found = self.server.acts.get(stage)
        if isinstance(found, list):
            return found[self.number - 1] if self.number <= len(found) else None
        return found

    def answer(self, stage: str, usual: str) -> None:
        act = self.act(stage)
        if act is None:
            act = Say(usual)
        if isinstance(act, Hang | Stall):
            self.server._over.wait(60)
            raise _Finished
        if isinstance(act, Drop):
            raise _Finished
        self.say(act)
        if stage == "DATA" and not act.words.startswith("354"):
            self.run()
            raise _Finished

    def say(self, act: Say) -> None:
        content = act.words.encode() + b"\r\n"
        if act.pause:
            for byte in content:
                self.client.sendall(bytes([byte]))
                if self.server._over.wait(act.pause):
                    raise _Finished
        else:
            self.client.sendall(content)
        if act.hang_up:
            raise _Finished


def _is_refusal(act: Act | None) -> bool:
    return isinstance(act, Say) and act.words[:1] in ("4", "5")
