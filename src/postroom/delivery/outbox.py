"""The Outbox: a mail server that keeps every message and sends none on.

Demo and test installations deliver here, so that nobody's customers are written to by accident, and the desk
shows what would have gone out. It listens on loopback only, answers 250 only after the message is durable, and
offers DSN (RFC 3461), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531) and SIZE, as a good relay does.

Recipients ``bounce...``, ``full...`` and ``later...`` (``bounce@``, ``full+1@``, ``later-anna@``; not ``fuller@``)
are turned away, so that failure can be seen and practised.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import ipaddress
import json
import logging
import re
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from postroom.delivery.caught import Caught, CaughtFile, Drawer, NoSuchMail, count, find, find_all, message, messages
from postroom.kernel.errors import BadInput, Conflict, PostroomError, Unavailable

__all__ = [
    "BOUNCES",
    "Caught",
    "CaughtFile",
    "NoSuchMail",
    "Outbox",
    "OutboxBusy",
    "OutboxNotLocal",
    "count",
    "find",
    "find_all",
    "message",
    "messages",
]

Bounce = Callable[[str], str | None]

BOUNCES: Mapping[str, str] = {
    "bounce": "550 5.1.1 unknown mailbox",
    "full": "552 5.2.2 mailbox full",
    "later": "451 4.3.0 try again later",
}
_log = logging.getLogger(__name__)
_DSN = re.compile(r"\s(ret|envid|notify|orcpt)=(\S*)", re.IGNORECASE)
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_NOTIFY = re.compile(r"never|(?:success|failure|delay)(?:,(?:success|failure|delay)){0,2}", re.IGNORECASE)


class OutboxNotLocal(BadInput):
    """The Outbox was told to listen where others could reach it."""

    code = "outbox-not-local"
    title = "The Outbox listens on this machine only"


class OutboxBusy(Conflict):
    """Another Outbox already writes into this folder."""

    code = "outbox-busy"
    title = "This Outbox folder is in use"


class Outbox:
    """The server in a thread of this process: ``with Outbox(folder) as outbox: ... outbox.port``.

    ``bounce`` maps prefixes of local parts to replies, or is a function from recipient to reply or None.
    """

    def __init__(
        self,
        folder: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        bounce: Bounce | Mapping[str, str] = BOUNCES,
        *,
        size_limit: int = 35 * 1024 * 1024,
        connections: int = 64,
    ) -> None:
        if not _is_loopback(host):
            raise OutboxNotLocal(f"The Outbox cannot listen on {host}.", hint="Use 127.0.0.1 or ::1.", host=host)
        self.folder, self.host, self.port = folder, host, port
        self._bounce: Bounce = bounce if callable(bounce) else _by_prefix(bounce)
        self._size_limit, self._connections = size_limit, connections
        self._drawer = Drawer(folder)
        self._lock: IO[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finish: asyncio.Event | None = None
        self._ready = threading.Event()
        self._trouble: Exception | None = None

    def start(self) -> Outbox:
        """Listen. ``port`` is the actual one from now on. Raises OutboxBusy or Unavailable."""
        self._take_lock()
        try:
            self._drawer.prepare()
            self._ready.clear()
            self._thread = threading.Thread(target=self._run, name="postroom-outbox", daemon=True)
            self._thread.start()
            self._ready.wait()
            if self._trouble is not None:
                trouble, self._trouble = self._trouble, None
                self._thread.join()
                raise Unavailable(
                    f"The Outbox cannot listen on {self.host}:{self.port}: {trouble}",
                    hint="Choose another port, or 0 for any free one.",
                )
        except BaseException:
            self._drop_lock()
            raise
        return self

    def stop(self) -> None:
        """Close every connection and stop listening. Harmless when not started."""
        if self._loop is not None and self._finish is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._finish.set)
            self._thread.join()
            self._loop = self._finish = self._thread = None
        self._drop_lock()

    def __enter__(self) -> Outbox:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # whatever it is, the caller of start() waits to hear of it
            self._trouble = error
            if self._ready.is_set():
                _log.exception("the Outbox stopped")
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        finish = asyncio.Event()
        guests: set[_Guest] = set()

        def receive() -> _Guest:
            return _Guest(self, guests, full=len(guests) >= self._connections, loop=loop)

        server = await loop.create_server(receive, self.host, self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._loop, self._finish = loop, finish
        self._ready.set()
        await finish.wait()
        server.close()
        for guest in list(guests):
            guest.leave()
        while guests:
            await asyncio.sleep(0.001)

    def _take_lock(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / ".lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._drop_lock()
            raise OutboxBusy(
                f"Another Outbox writes into {self.folder}.", hint="Stop it, or give this one a folder of its own."
            ) from error

    def _drop_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # aiosmtpd calls these by name.

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._bounce(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: _Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        sender, recipients = envelope.mail_from or "", [str(each) for each in envelope.rcpt_tos]
        try:
            ident = await asyncio.to_thread(self._drawer.store, content, sender, recipients, envelope.envid)
        except OSError as error:
            _log.error("the Outbox cannot store a message in %s: %s", self.folder, error)
            return "452 4.3.1 insufficient storage"
        return f"250 2.0.0 kept as {ident}"


class _Envelope(Envelope):
    envid = ""


class _Guest(SMTP):
    """One connection. aiosmtpd knows no DSN parameters: they are read and taken off before it sees the command."""

    line_length_limit = 65536  # also asyncio's read buffer: 1001 makes large messages crawl

    def __init__(self, outbox: Outbox, guests: set[_Guest], *, full: bool, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            outbox,
            data_size_limit=outbox._size_limit,
            enable_SMTPUTF8=True,
            hostname="outbox.localhost",
            ident="Postroom Outbox",
            loop=loop,
        )
        self._guests, self._full = guests, full

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._guests.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._guests.discard(self)
        super().connection_lost(error)

    def leave(self) -> None:
        """End this connection at once."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        else:
            self._guests.discard(self)

    def _create_envelope(self) -> Envelope:
        return _Envelope()

    async def _handle_client(self) -> None:
        if self._full:
            await self.push("421 4.3.2 too many connections")
            self._writer.close()
            return
        await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        await super().smtp_EHLO(hostname)
        # RFC 3461, section 5.4 lets commands grow; long keys and addresses need not be the first to find out.
        self.command_size_limits.update(MAIL=2048, RCPT=2048)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        rest, found, wrong = _take_dsn(arg, {"ret", "envid"})
        if wrong:
            await self.push(f"501 5.5.4 {wrong}")
            return
        await super().smtp_MAIL(rest)
        if isinstance(self.envelope, _Envelope):
            self.envelope.envid = found.get("envid", "")

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        rest, _, wrong = _take_dsn(arg, {"notify", "orcpt"})
        if wrong:
            await self.push(f"501 5.5.4 {wrong}")
            return
        await super().smtp_RCPT(rest)


def _take_dsn(arg: str | None, allowed: set[str]) -> tuple[str | None, dict[str, str], str]:
    """The command without its DSN parameters, the parameters, and what is wrong with them (RFC 3461, section 4)."""
    if arg is None or ">" not in arg:
        return arg, {}, ""
    path, parameters = arg[: arg.rindex(">") + 1], arg[arg.rindex(">") + 1 :]
    found: dict[str, str] = {}
    for name, value in _DSN.findall(parameters):
        name = name.lower()
        if name in found or name not in allowed:
            return arg, {}, f"{name.upper()} does not belong here"
        found[name] = value
    if found.get("ret", "hdrs").lower() not in ("full", "hdrs"):
        return arg, {}, "RET is FULL or HDRS"
    if len(found.get("envid", "x")) > 100 or not _XTEXT.fullmatch(found.get("envid", "")):
        return arg, {}, "ENVID is xtext of at most 100 characters"
    if not _NOTIFY.fullmatch(found.get("notify", "never")):
        return arg, {}, "NOTIFY is NEVER or a list of SUCCESS, FAILURE and DELAY"
    if "orcpt" in found and ";" not in found["orcpt"]:
        return arg, {}, "ORCPT is a type, a semicolon and an address"
    if "envid" in found:
        found["envid"] = re.sub(r"\+([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), found["envid"])
    return path + _DSN.sub("", parameters), found, ""


def _by_prefix(bounces: Mapping[str, str]) -> Bounce:
    patterns = [(re.compile(re.escape(prefix) + r"(?![^\W\d_])", re.IGNORECASE), bounces[prefix]) for prefix in bounces]

    def bounce(recipient: str) -> str | None:
        return next((reply for pattern, reply in patterns if pattern.match(recipient)), None)

    return bounce


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main(arguments: list[str] | None = None) -> int:
    """Run the Outbox as a process. One line of JSON on standard output says where it listens."""
    parser = argparse.ArgumentParser(prog="python -m postroom.delivery.outbox", description=main.__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where caught mail is kept")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    chosen: Any = parser.parse_args(arguments)
    finish = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: finish.set())
    try:
        with Outbox(chosen.folder, chosen.host, chosen.port) as outbox:
            sys.stdout.write(
                json.dumps({"host": outbox.host, "port": outbox.port, "folder": str(outbox.folder)}) + "\n"
            )
            sys.stdout.flush()
            with contextlib.suppress(KeyboardInterrupt):
                finish.wait()
    except PostroomError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
