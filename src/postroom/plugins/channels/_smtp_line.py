"""An SMTP connection that keeps an overall deadline.

``smtplib`` gives each read its own time-out, so a server that sends one byte a second is never given up. A
channel must be silent before another worker may take the delivery over; therefore every wait here, from the
name look-up to the last byte, uses what is left of one deadline.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import smtplib
import socket
import ssl
import threading
import time
from typing import Any

from postroom.plugins.channels._smtp_verdict import Reply

_CHUNK = 64 * 1024
_LONGEST_REPLY = 64 * 1024


class Impolite(smtplib.SMTPException):
    """The server does not greet, sign in or encrypt as the destination's settings demand."""

    def __init__(self, what: str, answer: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what, self.answer, self.hint = what, answer, hint


class Line(smtplib.SMTP):
    """A connection. ``deadline`` is a moment of ``time.monotonic``; set it anew before each letter."""

    def __init__(self, host: str, port: int, deadline: float, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(local_hostname="localhost")
        self._host, self._wrap = host, tls
        self.deadline = deadline
        self.farewell: Reply | None = None
        self._unread = b""
        greeting = Reply(*_plain(self.connect(host, port)))
        if greeting.code != 220:
            self.close()
            raise Impolite(f"The server greets with {greeting.words!r}.", greeting.words)

    def left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time allowed for this letter is over")
        return left

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        trouble: OSError = OSError(f"{host} has no address")
        addresses = _resolve(host, port, self.left())
        for number, (family, kind, protocol, _, address) in enumerate(addresses):
            raw = socket.socket(family, kind, protocol)
            try:
                raw.settimeout(self.left() / (len(addresses) - number))  # a dead first address leaves time for the next
                raw.connect(address)
                # The final dot is a write of its own: without this it would wait for a delayed acknowledgement.
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                raw.settimeout(self.left())
                return self._wrap.wrap_socket(raw, server_hostname=host) if self._wrap else raw
            except OSError as error:
                raw.close()
                trouble = error
        raise trouble

    def send(self, s: Any) -> None:
        """Send all bytes before the deadline."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        rest = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else s)
        try:
            while rest:
                self.sock.settimeout(self.left())
                rest = rest[self.sock.send(rest[:_CHUNK]) :]
        except TimeoutError:
            self.close()
            raise
        except OSError:
            self.farewell = self._last_words()
            self.close()
            raise

    def _last_words(self) -> Reply | None:
        """What the server said before it hung up, if it still lies in our socket."""
        self.deadline = min(self.deadline, time.monotonic() + 0.2)
        try:
            line = self._read_line()
        except OSError:
            return None
        return Reply(int(line[:3]), line[4:].decode("utf-8", "replace")) if re.match(rb"[45]\d\d ", line) else None

    def getreply(self) -> tuple[int, bytes]:
        """One reply, all its lines, before the deadline (RFC 5321, section 4.2.1)."""
        lines: list[bytes] = []
        try:
            while True:
                line = self._read_line()
                lines.append(line[4:].strip())
                if not (line[:3].isdigit() and line[3:4] in (b" ", b"-", b"")):
                    raise smtplib.SMTPServerDisconnected(f"the server speaks no SMTP: {line[:80]!r}")
                if line[3:4] != b"-":
                    return int(line[:3]), b"\n".join(lines)
                if len(lines) > 200:
                    raise smtplib.SMTPServerDisconnected("the server's reply does not end")
        except OSError:
            self.close()
            raise

    def _read_line(self) -> bytes:
        while b"\n" not in self._unread:
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("not connected")
            self.sock.settimeout(self.left())
            got = self.sock.recv(_CHUNK)
            if not got:
                raise smtplib.SMTPServerDisconnected("the server closed the connection")
            self._unread += got
            if len(self._unread) > _LONGEST_REPLY:
                raise smtplib.SMTPServerDisconnected("the server's reply does not end")
        line, _, self._unread = self._unread.partition(b"\n")
        return line.rstrip(b"\r")

    def ask(self, command: str) -> Reply:
        """Send one command, wait for its reply."""
        return Reply(*_plain(self.docmd(command)))

    def reply(self) -> Reply:
        """Wait for a reply to what was sent."""
        return Reply(*_plain(self.getreply()))

    def hello(self, name: str) -> None:
        """EHLO, or HELO for servers that know no extensions."""
        self.local_hostname = name or self._own_name()
        code, text = self.ehlo()
        if 500 <= code <= 599:
            code, text = self.helo()
        if not 200 <= code <= 299:
            answer = Reply(*_plain((code, text))).words
            raise Impolite(f"The server does not answer our greeting: {answer!r}.", answer)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """STARTTLS. The server's certificate is verified against its name (RFC 3207, section 4)."""
        if not self.has_extn("starttls"):
            raise Impolite(
                "The server offers no STARTTLS.",
                hint="Use port 465 with security 'tls', or ask the server's operator; nothing is sent in the clear.",
            )
        try:
            self.starttls(context=context)
        except smtplib.SMTPResponseException as error:
            answer = Reply(*_plain((error.smtp_code, error.smtp_error))).words
            raise Impolite(f"The server refuses STARTTLS: {answer!r}.", answer) from error
        if self._unread:  # words of a third party, put behind the reply while all was in the clear (CVE-2011-0411)
            raise Impolite("The server spoke out of turn before encryption began.")

    def sign_in(self, username: str, password: str) -> None:
        """AUTH PLAIN in UTF-8 (RFC 4616), else what smtplib knows."""
        mechanisms = self.esmtp_features.get("auth", "").upper().split()
        try:
            if "PLAIN" in mechanisms:
                secret = base64.b64encode(f"\0{username}\0{password}".encode()).decode("ascii")
                answer = self.ask(f"AUTH PLAIN {secret}")
            else:
                answer = Reply(*_plain(self.login(username, password)))
        except smtplib.SMTPResponseException as error:
            answer = Reply(*_plain((error.smtp_code, error.smtp_error)))
        except smtplib.SMTPNotSupportedError as error:
            raise Impolite("The server offers no sign-in.", hint="Remove the user name, or encrypt first.") from error
        except UnicodeEncodeError as error:
            raise Impolite("The server cannot take a password that is not ASCII.") from error
        if not answer.good:
            raise Impolite(
                f"The server refuses to sign in {username!r}: {answer.words!r}.",
                answer.words,
                hint="Check the user name and the environment variable with the password.",
            )

    def _own_name(self) -> str:
        name = socket.gethostname()
        if "." in name and name.isascii():
            return name
        own = self.sock.getsockname()[0] if self.sock else "127.0.0.1"
        return f"[IPv6:{own}]" if ":" in own else f"[{own}]"  # address literal, RFC 5321, section 4.1.3


def _plain(answer: tuple[int, bytes | str]) -> tuple[int, str]:
    code, text = answer
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return code, " ".join(words.split())[:2000]


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """Addresses of ``host``. The system's resolver knows no deadline, so it is waited for in a thread."""
    try:
        ipaddress.ip_address(host)
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except ValueError:
        pass
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, name="postroom-resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError(f"the name server does not answer for {host}")
    if isinstance(found[0], UnicodeError):
        raise OSError(f"{host!r} is not a host name")
    if isinstance(found[0], OSError):
        raise found[0]
    addresses: list[Any] = found[0]
    return addresses
