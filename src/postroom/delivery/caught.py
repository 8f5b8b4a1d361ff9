"""Mail caught by the Outbox: how it lies on disk, and how it is read.

::

    FOLDER/new/ID.part        being written; without a second name it was never accepted
    FOLDER/by-key/KEY         the first arrival with this key; KEY~2, KEY~3 ... are later ones
    FOLDER/mail/ID.eml        the same file under its time-ordered id, for lists
    FOLDER/.lock              held by the one server that writes here

The name below ``by-key`` is made, and made durable, before the sender hears 250. So this one name answers
"did it arrive?": whoever knows the layout asks with a single ``stat`` (the e-mail channel does), and the
answer is right at every instant, also when the server is killed. ``mail`` is derived and mended at the next start.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from functools import cached_property
from pathlib import Path
from typing import Any

from postroom.delivery.spec import KEY
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.kernel.ids import new_id

_ENVELOPE = b"X-Outbox-Envelope: "
_ID = re.compile(r"[0-9a-f]{32}")
_HEAD_LIMIT = 256 * 1024


class NoSuchMail(NotFound):
    """The Outbox holds no message of that id."""

    code = "no-such-mail"
    title = "There is no such message in the Outbox"


@dataclass(frozen=True, slots=True)
class CaughtFile:
    """One attachment of a caught message."""

    filename: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True)
class Caught:
    """One caught message. Headers are there at once; text, html and attachments are read when asked for.

    ``html`` is what a stranger wrote: show it only inside a sandboxed frame.
    """

    id: str
    path: Path = field(compare=False)  # one file has several names
    received: str  # ISO 8601, UTC
    sender: str
    recipients: tuple[str, ...]
    envid: str
    size: int
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """The first header of that name, or an empty text."""
        return next((value for found, value in self.headers if found.lower() == name.lower()), "")

    @property
    def subject(self) -> str:
        return self.header("Subject")

    @property
    def key(self) -> str:
        """What the sender named this message: the left side of its Message-ID, else its ENVID."""
        return _left_of_message_id(self.header("Message-ID")) or self.envid

    def raw(self) -> bytes:
        """The message as the sender handed it over, without our envelope line."""
        return self.path.read_bytes().split(b"\r\n", 1)[1]

    @cached_property
    def _parts(self) -> list[Message]:
        message = message_from_bytes(self.raw(), policy=policy.default)
        return [part for part in message.walk() if not part.is_multipart()]

    @cached_property
    def text(self) -> str:
        return self._body("text/plain")

    @cached_property
    def html(self) -> str:
        return self._body("text/html")

    def _body(self, media_type: str) -> str:
        for part in self._parts:
            if part.get_content_type() == media_type and not _is_file(part):
                return _decoded(part)
        return ""

    @cached_property
    def attachments(self) -> tuple[CaughtFile, ...]:
        return tuple(
            CaughtFile(part.get_filename() or "", part.get_content_type(), _bytes(part))
            for part in self._parts
            if _is_file(part)
        )


class Drawer:
    """The folder of caught mail, as its one writer sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.new, self.by_key, self.mail = folder / "new", folder / "by-key", folder / "mail"
        self._last, self._counting = "", threading.Lock()

    def prepare(self) -> None:
        """Make the folders, and finish or forget what a killed server left behind. The caller holds the lock."""
        for each in (self.new, self.by_key, self.mail):
            each.mkdir(parents=True, exist_ok=True)
        for name in _names(self.by_key):
            accepted = self.by_key / name
            if accepted.stat().st_nlink == 1:  # power was lost before its second name reached the disk
                with contextlib.suppress(FileExistsError):
                    os.link(accepted, self.mail / f"{_read_envelope(accepted)['id']}.eml")
        for part in self.new.glob("*.part"):
            if part.stat().st_nlink > 1:
                part.replace(self.mail / f"{part.stem}.eml")
                # rename(2) does nothing when both names already are the same file
                part.unlink(missing_ok=True)
            else:
                part.unlink()

    def _next_id(self) -> str:
        """An id after all before it. Two ids of one millisecond have no order of their own."""
        with self._counting:
            for _ in range(1000):  # a clock that is set back must not stop the mail
                ident = new_id().hex
                if ident > self._last:
                    break
            self._last = ident
            return ident

    def store(self, content: bytes, sender: str, recipients: list[str], envid: str) -> str:
        """Keep one message for good and return its id. OSError when the disk does not take it."""
        ident = self._next_id()
        envelope = {
            "id": ident,
            "received": clock.now().isoformat(timespec="milliseconds"),
            "from": sender,
            "to": recipients,
            "envid": envid,
        }
        part = self.new / f"{ident}.part"
        made: list[Path] = []
        try:
            with part.open("xb") as handle:
                handle.write(_ENVELOPE + json.dumps(envelope).encode("ascii") + b"\r\n")
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            for name in _index_names(content, envid) or [ident]:
                made.append(_link_first_free(part, self.by_key, name))
            _fsync_folder(self.by_key)
        except OSError:
            for path in (*made, part):
                path.unlink(missing_ok=True)
            raise
        part.replace(self.mail / f"{ident}.eml")
        return ident


def messages(folder: Path, limit: int = 50, before: str | None = None) -> list[Caught]:
    """The newest messages first, at most ``limit``, older than the id ``before``."""
    idents = sorted((name[:-4] for name in _names(folder / "mail") if name.endswith(".eml")), reverse=True)
    if before is not None:
        idents = [ident for ident in idents if ident < before]
    return [_caught(folder / "mail" / f"{ident}.eml") for ident in idents[:limit]]


def message(folder: Path, ident: str) -> Caught:
    """One message. Raises NoSuchMail."""
    path = folder / "mail" / f"{ident}.eml"
    if not _ID.fullmatch(ident) or not path.is_file():
        raise NoSuchMail(f"The Outbox holds no message {ident!r}.", hint="It may have been emptied; reload the list.")
    return _caught(path)


def find(folder: Path, key: str) -> Caught | None:
    """The first message that arrived with ``key`` as the left side of its Message-ID or as its ENVID."""
    return next(_arrivals(folder, key), None)


def find_all(folder: Path, key: str) -> list[Caught]:
    """Every arrival of ``key``. More than one means that something was sent twice."""
    return list(_arrivals(folder, key))


def count(folder: Path) -> int:
    """How many messages lie in the Outbox."""
    return sum(name.endswith(".eml") for name in _names(folder / "mail"))


def _arrivals(folder: Path, key: str) -> Iterator[Caught]:
    name, number = _index_name(key), 1
    while (path := folder / "by-key" / (name if number == 1 else f"{name}~{number}")).is_file():
        yield _caught(path)
        number += 1


def _index_name(key: str) -> str:
    """A key as a file name; what a stranger chose (slashes, 900 characters) is hashed."""
    return key if KEY.fullmatch(key) else "sha256~" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _index_names(content: bytes, envid: str) -> list[str]:
    head = content[:_HEAD_LIMIT].split(b"\r\n\r\n", 1)[0]
    found = re.search(rb"(?im)^message-id:\s*(\S+)", head)
    key = _left_of_message_id(found.group(1).decode("ascii", "replace")) if found else ""
    return list(dict.fromkeys(_index_name(each) for each in (key, envid) if each))


def _left_of_message_id(value: str) -> str:
    found = re.fullmatch(r"\s*<([^<>@\s]+)@[^<>\s]*>\s*", value)
    return found.group(1) if found else ""


def _link_first_free(part: Path, folder: Path, name: str) -> Path:
    number = 1
    while True:
        target = folder / (name if number == 1 else f"{name}~{number}")
        try:
            os.link(part, target)
            return target
        except FileExistsError:
            number += 1


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  names only, a Path per message costs ten times as much
    except FileNotFoundError:
        return []


def _fsync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _read_envelope(path: Path) -> dict[str, Any]:
    with path.open("rb") as handle:
        found: dict[str, Any] = json.loads(handle.readline().removeprefix(_ENVELOPE))
        return found


def _caught(path: Path) -> Caught:
    with path.open("rb") as handle:
        size = os.fstat(handle.fileno()).st_size
        first = handle.readline()
        head = handle.read(_HEAD_LIMIT).split(b"\r\n\r\n", 1)[0]
    envelope = json.loads(first.removeprefix(_ENVELOPE))
    return Caught(
        id=envelope["id"],
        path=path,
        received=envelope["received"],
        sender=envelope["from"],
        recipients=tuple(envelope["to"]),
        envid=envelope["envid"],
        size=size - len(first),
        headers=_headers(head),
    )


def _headers(head: bytes) -> tuple[tuple[str, str], ...]:
    parsed = message_from_bytes(head + b"\r\n\r\n", policy=policy.compat32, _class=Message)
    return tuple((name, _header_text(name, str(value))) for name, value in parsed.raw_items())


def _header_text(name: str, value: str) -> str:
    """One header for reading: RFC 2047 words decoded, raw UTF-8 (RFC 6532) taken as it is."""
    if any("\udc80" <= char <= "\udcff" for char in value):
        value = value.encode("ascii", "surrogateescape").decode("utf-8", "replace")
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", value).replace("\r", "").replace("\n", " ")
    return str(policy.default.header_factory(name, unfolded))


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: Message) -> str:
    try:
        if isinstance(part, EmailMessage):
            return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, ValueError):  # a charset nobody knows: show what can be shown
        pass
    return _bytes(part).decode("utf-8", "replace").replace("\r\n", "\n")
