"""What a channel must do. Built-in channels live in ``postroom.plugins.channels``.

A channel SHALL put ``letter.key`` where the receiver can see it (Message-ID, file name, job name), so that a
second arrival can be recognised.
A channel SHALL give up before ``timeout`` seconds; after that the delivery may be taken over by another worker.
A channel SHALL tell apart what surely did not happen (``Deferred``, ``Refused``) from what may have happened
(``Unknown``: the connection broke after the message was handed over).
A channel that can be asked about a key SHALL say so (``can_look_up``) and answer ``look_up``.
``check`` SHALL try the destination without delivering anything and say in words what is wrong.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Truth(IntEnum):
    """How much is known of an arrival; each level includes those below (ARCHITECTURE, section 5)."""

    NONE = 0
    ACCEPTED = 1
    RELAYED = 2
    CONFIRMED = 3
    READ = 4


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One document in a letter. ``read()`` gives its bytes; they are verified against ``sha256`` (hex)."""

    document_id: str
    number: str
    title: str
    filename: str
    media_type: str
    size: int
    sha256: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Letter:
    """One communication on its way to one destination.

    ``address`` is what the channel understands: an e-mail address, a folder's sub-path, a party key.
    ``key`` names this attempt for ever. ``facts`` are display strings for file name patterns and bodies
    (number, party, party_name, template, date, run, language, sender).
    """

    delivery_id: str
    key: str
    address: str
    recipient_name: str
    language: str
    subject: str
    text: str
    html: str
    enclosures: tuple[Enclosure, ...]
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has it, to the level of truth it declared. ``answer`` is the receiver's own words."""

    truth: Truth
    answer: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Surely not delivered, and worth another try later (SMTP 4xx, refused connection)."""

    reason: str
    answer: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Surely not delivered, and never will be this way (SMTP 5xx). ``code`` is short and stable."""

    code: str
    reason: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have arrived. Becomes ``in_doubt`` unless the receiver can be asked."""

    reason: str
    answer: str = ""


Outcome = Sent | Deferred | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of ``check``: ``ok`` or what is wrong and how to mend it."""

    ok: bool
    what: str
    hint: str = ""


class ChannelConfig(BaseModel):
    """Settings of one destination. Secrets are never written here: name an environment variable instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout: float = 20.0


class Channel(ABC):
    """Delivers letters to one destination."""

    name: ClassVar[str]
    final_truth: ClassVar[Truth]
    can_look_up: ClassVar[bool] = False
    Config: ClassVar[type[ChannelConfig]] = ChannelConfig

    def __init__(self, config: ChannelConfig) -> None:
        self.config = config

    @abstractmethod
    def send(self, letter: Letter) -> Outcome:
        """Deliver ``letter``. Never raises for anything the receiver does."""

    def look_up(self, letter: Letter) -> Sent | None:
        """Whether the receiver has ``letter.key``: ``Sent`` when found, ``None`` when surely absent."""
        raise LookupError(f"the channel {self.name} cannot be asked")

    @abstractmethod
    def check(self) -> list[Finding]:
        """Try the destination without delivering anything."""

    def close(self) -> None:  # noqa: B027  a channel without a connection has nothing to close
        """Let go of connections. A closed channel can be used again."""
