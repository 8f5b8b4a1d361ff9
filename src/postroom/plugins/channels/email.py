"""The e-mail channel: one letter, one message, over one SMTP connection that is kept for the next letter.

What an outcome means is decided by the final dot of the message (``_smtp_send``). ``Sent`` says ``RELAYED``: the
next server took responsibility. It is asked for delivery status notices (DSN, RFC 3461) under the letter's key.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import smtplib
import socket
import ssl
import time
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from postroom.delivery.spec import (
    CannotAsk,
    Channel,
    ChannelConfig,
    Deferred,
    Finding,
    Letter,
    Outcome,
    Refused,
    Sent,
    Truth,
)
from postroom.plugins.channels._mail_address import parse_address
from postroom.plugins.channels._mail_message import CannotWrite, Outgoing, Style, write_message
from postroom.plugins.channels._smtp_line import Impolite, Line
from postroom.plugins.channels._smtp_send import IdleTooLong, hand_over

_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class EmailConfig(ChannelConfig):
    """One mail server to hand letters to, and who they come from."""

    host: str = Field(min_length=1, max_length=253, pattern=r"^[^\s\x00-\x1f]+$")
    port: int | None = Field(default=None, ge=1, le=65535, description="25, 587 or 465 by security when empty")
    security: Literal["none", "starttls", "tls"] = "starttls"
    ca_file: Path | None = Field(default=None, description="certificates to trust instead of the system's")
    username: str = ""
    password_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", description="variable, not secret")
    sender_name: str = ""
    sender_address: str
    reply_to: str = ""
    envelope_sender: str = Field(default="", description="where bounces go; {key} makes them tell which letter (VERP)")
    helo: str = Field(default="", pattern=r"^[A-Za-z0-9.:\[\]-]*$")
    attach: bool = Field(default=True, description="attach the documents; else the text carries the link")
    max_attachment_bytes: int = Field(default=20 * 1024 * 1024, ge=1)
    dsn: bool = Field(default=True, description="ask for delivery status notices when the server offers them")
    outbox_folder: Path | None = Field(default=None, description="folder of the built-in Outbox, to ask it by key")

    @field_validator("sender_address", "reply_to")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and parse_address(value).needs_utf8:
            raise ValueError("our own address must be ASCII before the @, or many could not answer")
        return value

    @field_validator("envelope_sender")
    @classmethod
    def _is_pattern(cls, value: str) -> str:
        if value:
            parse_address(value.replace("{key}", "k"))  # any other brace pattern fails as an address domain would
            if "{" in value.replace("{key}", "") or "}" in value.replace("{key}", ""):
                raise ValueError("the only placeholder of a bounce address is {key}")
            if len(value.partition("@")[0].replace("{key}", "")) > 20:
                raise ValueError("leave room for the key: at most 20 other characters before the @")
        return value

    @field_validator("sender_name")
    @classmethod
    def _is_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("the sender's name must be one line")
        return value

    @model_validator(mode="after")
    def _is_safe(self) -> EmailConfig:
        if not self.sender_address:
            raise ValueError("a sender address is needed")
        if bool(self.username) != bool(self.password_env):
            raise ValueError("username and password_env belong together")
        if self.username and self.security == "none" and not _is_loopback(self.host):
            raise ValueError("a password would cross the network in the clear: choose security 'starttls' or 'tls'")
        return self

    @property
    def actual_port(self) -> int:
        return self.port or _PORTS[self.security]


class EmailChannel(Channel):
    """Hands letters to a mail server."""

    name: ClassVar[str] = "email"
    final_truth: ClassVar[Truth] = Truth.RELAYED
    Config: ClassVar[type[ChannelConfig]] = EmailConfig
    config: EmailConfig

    def __init__(self, config: EmailConfig) -> None:
        super().__init__(config)
        self.can_look_up = config.outbox_folder is not None
        self._line: Line | None = None
        self._tls: ssl.SSLContext | None = None
        self._style = Style(
            sender_name=config.sender_name,
            sender=parse_address(config.sender_address),
            envelope_sender=config.envelope_sender or config.sender_address,
            reply_to=parse_address(config.reply_to) if config.reply_to else None,
            attach=config.attach,
            max_attachment_bytes=config.max_attachment_bytes,
        )

    def send(self, letter: Letter) -> Outcome:
        """One letter. Raises only what reading the documents raises, before anything is sent."""
        deadline = time.monotonic() + self.config.timeout
        try:
            mail = write_message(letter, self._style)
        except CannotWrite as error:
            return Refused(error.code, error.reason)
        try:
            outcome = self._hand_over(mail, deadline)
        except OSError as error:
            self._drop()
            return _deferred(error, self.config)
        if outcome.answer.startswith("421"):  # the server hangs up after this (RFC 5321, section 3.8)
            self._drop()
        return outcome

    def _hand_over(self, mail: Outgoing, deadline: float) -> Outcome:
        kept = self._kept(deadline)
        if kept is not None:
            try:
                return hand_over(kept, mail, dsn=self.config.dsn, kept=True)
            except IdleTooLong:
                self._drop()
        return hand_over(self._connect(deadline), mail, dsn=self.config.dsn, kept=False)

    def _kept(self, deadline: float) -> Line | None:
        """The connection of the letter before, if its server still answers (RSET also ends what was cut short)."""
        line = self._line
        if line is None or line.sock is None:
            return None
        # A connection that a firewall forgot never answers: leave most of the time for a new one.
        line.deadline = min(deadline, time.monotonic() + self.config.timeout / 4)
        try:
            answer = line.ask("RSET")
        except OSError:
            answer = None
        if answer is None or not answer.good:
            self._drop()
            return None
        line.deadline = deadline
        return line

    def _connect(self, deadline: float) -> Line:
        """A fresh connection, greeted, encrypted and signed in. Raises OSError."""
        config = self.config
        password = self._password()
        line = Line(config.host, config.actual_port, deadline, self._context() if config.security == "tls" else None)
        try:
            line.hello(config.helo)
            if config.security == "starttls":
                line.encrypt(self._context())
                line.hello(config.helo)
            if config.username:
                line.sign_in(config.username, password)
        except BaseException:
            line.close()
            raise
        self._line = line
        return line

    def _password(self) -> str:
        if not self.config.password_env:
            return ""
        try:
            return os.environ[self.config.password_env]
        except KeyError:
            raise Impolite(
                f"The environment variable {self.config.password_env} with the password is not set.",
                hint="Set it where the workers start.",
            ) from None

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=self.config.ca_file)
        return self._tls

    def look_up(self, letter: Letter) -> Sent | None:
        """Asks the built-in Outbox: a file named by the key is there from the moment it accepted the message."""
        folder = self.config.outbox_folder
        if folder is None:
            return super().look_up(letter)
        names = folder / "by-key"
        try:
            names.stat()
            found = (names / letter.key).exists()
        except OSError as error:
            raise CannotAsk(
                f"The Outbox in {folder} cannot be read: {error.strerror}.", hint="Is it on this machine, and started?"
            ) from error
        if not found:
            return None
        return Sent(Truth.RELAYED, "found in the Outbox", f"<{letter.key}@{self._style.sender.domain}>")

    def check(self) -> list[Finding]:
        """Connects, encrypts and signs in; sends no message."""
        self.close()
        where = f"{self.config.host}:{self.config.actual_port}"
        try:
            line = self._connect(time.monotonic() + self.config.timeout)
        except OSError as error:
            trouble = _deferred(error, self.config)
            return [Finding(False, trouble.reason, getattr(error, "hint", "") or _hint(error))]
        findings = [Finding(True, f"{where} answers.")]
        if isinstance(line.sock, ssl.SSLSocket):
            findings.append(Finding(True, f"Encrypted with {line.sock.version()}; the certificate is valid."))
        elif not _is_loopback(self.config.host):
            findings.append(Finding(False, "Not encrypted.", "Choose security 'starttls' or 'tls'."))
        if self.config.username:
            findings.append(Finding(True, f"Signed in as {self.config.username}."))
        if self.config.dsn and not line.has_extn("dsn"):
            findings.append(Finding(True, "The server offers no DSN: 'relayed' is the most we shall ever hear."))
        self.close()
        return findings

    def close(self) -> None:
        """QUIT, politely but briefly."""
        if self._line is not None and self._line.sock is not None:
            self._line.deadline = time.monotonic() + 1.0
            with contextlib.suppress(OSError):
                self._line.ask("QUIT")
        self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _deferred(error: OSError, config: EmailConfig) -> Deferred:
    """Trouble before the final dot, in words. Nothing was delivered."""
    where = f"{config.host}:{config.actual_port}"
    if isinstance(error, Impolite):
        return Deferred(f"{where}: {error.what}", error.answer)
    if isinstance(error, TimeoutError):
        return Deferred(f"{where} did not answer in time ({config.timeout:g} s): {error}.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Deferred(f"{where}: its certificate is not trusted: {error.verify_message}.")
    if isinstance(error, ssl.SSLError):
        return Deferred(f"{where}: encryption failed: {error.reason or error}.")
    if isinstance(error, socket.gaierror):
        return Deferred(f"{config.host} is not known to the name server: {error.strerror}.")
    if isinstance(error, ConnectionRefusedError):
        return Deferred(f"{where} refuses the connection.")
    words = str(error) if isinstance(error, smtplib.SMTPException) else error.strerror or str(error)
    return Deferred(f"{where}: {words}.")


def _hint(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Use the name that stands in the certificate, or name the authority's certificate in ca_file."
    if isinstance(error, ssl.SSLError):
        return "Port 465 wants security 'tls', port 587 wants 'starttls'."
    if isinstance(error, socket.gaierror):
        return "Check the spelling of the host."
    return "Check host and port, and whether a firewall is between."


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
