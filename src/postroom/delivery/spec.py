"""What a channel must do. Built-in channels live in ``postroom.plugins.channels``.

A channel SHALL put ``letter.key`` where the receiver can see it (Message-ID, file name, job name), so that a
second arrival can be recognised.
A channel SHALL give up before ``timeout`` seconds; after that the delivery may be taken over by another worker.
A channel SHALL tell apart what surely did not happen (``Deferred``, ``Refused``) from what may have happened
(``Unknown``: the connection broke after the message was handed over).
A channel SHALL defer what the operator can mend at the destination (a wrong password, a missing folder) and
refuse only what is wrong with this letter or this recipient: a mistake in the settings must not fail a run.
A channel SHALL raise only errors of Postroom, and only before anything was handed over (``EnclosureDamaged``);
a caller may therefore take a ``PostroomError`` for "surely not delivered" and any other exception for "unknown".
A channel that can be asked about a key SHALL say so (``can_look_up``) and answer ``look_up``. The answer ``None``
is final only when nobody can still be sending: ask after the take-over delay, never while the sender may live.
``look_up`` MAY finish a delivery that a crash cut in two. When the receiver does not answer it raises ``CannotAsk``.
``check`` SHALL try the destination without delivering anything and say in words what is wrong.
One channel object belongs to one thread at a time.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from postroom.kernel.errors import BadInput, Damaged, Unavailable

# What may stand in a key, so that every receiver keeps it as it is: a Message-ID (RFC 5322 dot-atom), an ENVID
# (RFC 3461, at most 100), a file name, the local part of a bounce address (RFC 5321, at most 64).
KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9])){0,63}")

# The facts a file name pattern or an address pattern may name. A letter need not have all of them.
FACT_NAMES = frozenset(
    {"number", "party", "party_name", "template", "date", "run", "language", "sender", "key", "delivery"}
)


class BadKey(BadInput):
    """A delivery key that some receiver would change or refuse."""

    code = "bad-delivery-key"
    title = "This cannot be the key of a delivery"


class EnclosureDamaged(Damaged):
    """The bytes of an enclosure are not the bytes that were approved. Nothing was sent."""

    code = "enclosure-damaged"
    title = "A document's bytes are not what was stored"


class CannotAsk(Unavailable):
    """The receiver cannot be asked about a key, at all or at the moment."""

    code = "cannot-ask"
    title = "The receiver cannot be asked"


class Truth(IntEnum):
    """How much is known of an arrival; each level includes those below (ARCHITECTURE, section 5)."""

    NONE = 0
    ACCEPTED = 1
    RELAYED = 2
    CONFIRMED = 3
    READ = 4


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One document in a letter. ``verified()`` gives its bytes, checked against ``sha256`` (hex)."""

    document_id: str
    number: str
    title: str
    filename: str
    media_type: str
    size: int
    sha256: str
    read: Callable[[], bytes]

    def verified(self) -> bytes:
        """The bytes, or EnclosureDamaged. What leaves the house is what was approved, or nothing (P2)."""
        content = self.read()
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            raise EnclosureDamaged(
                f"Document {self.number or self.document_id} has SHA-256 {found}, expected {self.sha256}.",
                hint="Nothing was sent. Run 'postroom vault verify' and restore the document from a backup.",
                document=self.document_id,
            )
        return content


@dataclass(frozen=True, slots=True)
class Letter:
    """One communication on its way to one destination.

    ``address`` is what the channel understands: an e-mail address, a folder's sub-path, a party key.
    ``key`` names this attempt for ever (see ``KEY``). ``facts`` are display strings for file name patterns and
    bodies (``FACT_NAMES``; a channel may know more, such as ``list_unsubscribe`` and ``link`` of e-mail).
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

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise BadKey(
                f"The delivery key {self.key!r} cannot be used.",
                hint="Use 1 to 64 letters, digits, '-', '_' and single points, beginning with a letter or digit.",
            )


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has it, to the level of truth it declared. ``answer`` is the receiver's own words."""

    truth: Truth
    answer: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Surely not delivered, and worth another try later (SMTP 4xx, refused connection).

    ``retry_after`` (seconds) is the receiver's wish; ``None`` leaves the moment to the retry plan.
    """

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

    # Below the take-over delay of 30 seconds, with room for closing (ARCHITECTURE, section 5).
    timeout: float = Field(default=20.0, gt=0, le=25.0)
    # Kept by whoever claims deliveries, for all workers together; a channel need not look at them (pace.py).
    rate: str = Field(
        default="",
        pattern=r"^([1-9][0-9]{0,6}/(second|minute|hour))?$",
        description="send at most so many: 10/second, 60/minute or 500/hour; empty: as many as it takes",
    )
    burst: int = Field(
        default=1, ge=1, le=100_000, description="how many may go at once after a pause, when there is a rate"
    )
    parallel: int = Field(
        default=0, ge=0, le=1000, description="how many may be under way at the same time; 0: any number"
    )


class Channel(ABC):
    """Delivers letters to one destination."""

    name: ClassVar[str]
    final_truth: ClassVar[Truth]
    Config: ClassVar[type[ChannelConfig]] = ChannelConfig
    # Not a class constant: some destinations of one kind can be asked and others cannot (e-mail).
    can_look_up: bool = False

    def __init__(self, config: ChannelConfig) -> None:
        self.config = config

    @abstractmethod
    def send(self, letter: Letter) -> Outcome:
        """Deliver ``letter``. Never raises for anything the receiver does."""

    def look_up(self, letter: Letter) -> Sent | None:
        """Whether the receiver has ``letter.key``: ``Sent`` when found, ``None`` when surely absent."""
        raise CannotAsk(
            f"The channel {self.name} cannot be asked about {letter.key}.",
            hint="An operator decides: look at the receiver, then confirm or send again.",
        )

    @abstractmethod
    def check(self) -> list[Finding]:
        """Try the destination without delivering anything."""

    def close(self) -> None:  # noqa: B027  a channel without a connection has nothing to close
        """Let go of connections. A closed channel can be used again."""
