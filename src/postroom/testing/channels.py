"""The contract of a channel as tests, for the authors of channels.

Subclass ``ChannelContract`` in a test module, say how to make your channel and how to look at the receiver, and
pytest does the rest::

    class TestMyChannel(ChannelContract):
        @pytest.fixture
        def channel(self, my_server): ...
        @pytest.fixture
        def unreachable(self): ...
        @pytest.fixture
        def arrivals(self, my_server): return lambda key: [...]
"""

from __future__ import annotations

import hashlib
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from postroom.delivery.spec import (
    CannotAsk,
    Channel,
    ChannelConfig,
    Deferred,
    Enclosure,
    EnclosureDamaged,
    Finding,
    Letter,
    Refused,
    Sent,
    Truth,
    Unknown,
)
from postroom.kernel.ids import new_id

Arrivals = Callable[[str], Sequence[Sequence[bytes]]]

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\r\n.\r\n..\n" + bytes(range(256)) * 20 + b"\n%%EOF\n"


def sample_enclosure(content: bytes = PDF, **changed: Any) -> Enclosure:
    """One document, with line ends, dots and high bytes that careless channels change."""
    values: dict[str, Any] = {
        "document_id": "0199f3c0-0000-7000-8000-000000000001",
        "number": "R-2026-0001",
        "title": "Rechnung",
        "filename": "Rechnung Ångström & Söhne.pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "read": lambda: content,
    }
    return Enclosure(**{**values, **changed})


def sample_letter(address: str, **changed: Any) -> Letter:
    """A letter with a fresh key, accents and everything a channel may use."""
    values: dict[str, Any] = {
        "delivery_id": str(new_id()),
        "key": f"{new_id()}-1",
        "address": address,
        "recipient_name": "Zoë Ångström, Einkauf",
        "language": "de-AT",
        "subject": "Ihre Rechnung R-2026-0001 über 1.204,50 €",
        "text": "Guten Tag,\n\nanbei die Rechnung.\n.\nEin Punkt allein.\n",
        "html": "<p>Guten Tag,</p>\n<p>anbei die Rechnung.</p>\n",
        "enclosures": (sample_enclosure(),),
        "facts": {
            "number": "R-2026-0001",
            "party": "K-1007",
            "party_name": "Ångström & Söhne",
            "template": "invoice",
            "date": "2026-11-21",
            "run": "run-7",
            "language": "de-AT",
            "sender": "Postroom",
        },
    }
    return Letter(**{**values, **changed})


class ChannelContract:
    """What every channel SHALL do (``postroom.delivery.spec``)."""

    address = "anna@example.test"
    """An address the receiver takes."""

    carries_enclosures = True
    """False for channels that send a link or a text only."""

    @abstractmethod
    @pytest.fixture
    def channel(self) -> Iterator[Channel]:
        """The channel, joined to a receiver that works."""
        raise NotImplementedError

    @abstractmethod
    @pytest.fixture
    def unreachable(self) -> Channel:
        """The channel, told of a receiver that is not there; ``timeout`` of a few seconds."""
        raise NotImplementedError

    @abstractmethod
    @pytest.fixture
    def arrivals(self) -> Arrivals:
        """Asks the receiver itself, not the channel: for each arrival of a key, the bytes of its documents."""
        raise NotImplementedError

    def test_it_is_declared(self, channel: Channel) -> None:
        assert channel.name and channel.name == channel.name.lower()
        assert Truth.ACCEPTED <= channel.final_truth <= Truth.READ
        assert issubclass(channel.Config, ChannelConfig)
        assert isinstance(channel.config, channel.Config)

    def test_settings_are_frozen_and_strict(self, channel: Channel) -> None:
        with pytest.raises(ValidationError):
            channel.config.timeout = 1.0
        with pytest.raises(ValidationError):
            type(channel.config).model_validate({**channel.config.model_dump(), "no_such_setting": 1})
        with pytest.raises(ValidationError):  # 30 seconds is when another worker takes over
            type(channel.config).model_validate({**channel.config.model_dump(), "timeout": 30.0})

    def test_a_letter_that_is_sent_arrives_once_and_whole(self, channel: Channel, arrivals: Arrivals) -> None:
        # given a letter with two documents
        second = sample_enclosure(b"second\r\n", number="R-2026-0002", filename="zwei.pdf")
        letter = sample_letter(self.address, enclosures=(sample_enclosure(), second))
        # when it is sent
        outcome = channel.send(letter)
        # then the receiver has it once, under its key, byte for byte
        assert isinstance(outcome, Sent), outcome
        assert Truth.ACCEPTED <= outcome.truth <= channel.final_truth
        assert outcome.answer
        found = arrivals(letter.key)
        assert len(found) == 1, f"the receiver has {len(found)} arrivals of a letter reported as sent"
        if self.carries_enclosures:
            assert sorted(found[0]) == sorted(each.read() for each in letter.enclosures)

    def test_many_letters_use_one_channel(self, channel: Channel, arrivals: Arrivals) -> None:
        letters = [sample_letter(self.address) for _ in range(5)]
        for letter in letters:
            assert isinstance(channel.send(letter), Sent)
        assert [len(arrivals(letter.key)) for letter in letters] == [1] * 5

    def test_a_closed_channel_can_be_used_again(self, channel: Channel, arrivals: Arrivals) -> None:
        channel.close()
        channel.close()
        letter = sample_letter(self.address)
        assert isinstance(channel.send(letter), Sent)
        assert len(arrivals(letter.key)) == 1

    def test_damaged_bytes_never_leave(self, channel: Channel, arrivals: Arrivals) -> None:
        if not self.carries_enclosures:
            pytest.skip("carries no documents")
        damaged = sample_letter(self.address, enclosures=(sample_enclosure(sha256="0" * 64),))
        with pytest.raises(EnclosureDamaged):
            channel.send(damaged)
        assert arrivals(damaged.key) == []
        assert isinstance(channel.send(sample_letter(self.address)), Sent), "the channel is stuck after the error"

    def test_line_ends_in_a_field_never_become_commands_or_headers(self, channel: Channel, arrivals: Arrivals) -> None:
        for changed in (
            {"subject": "Rechnung\r\nBcc: everybody@example.test"},
            {"recipient_name": "Anna\nX: y"},
            {"address": f"{self.address}\r\nRCPT TO:<other@example.test>"},
        ):
            letter = sample_letter(self.address, **changed) if "address" not in changed else sample_letter(**changed)
            outcome = channel.send(letter)
            assert isinstance(outcome, Refused | Sent), outcome
            assert len(arrivals(letter.key)) == isinstance(outcome, Sent)

    def test_a_receiver_that_is_not_there_defers_in_time(self, unreachable: Channel) -> None:
        began = time.monotonic()
        outcome = unreachable.send(sample_letter(self.address))
        assert isinstance(outcome, Deferred), outcome
        assert outcome.reason
        assert time.monotonic() - began < unreachable.config.timeout + 1.0
        unreachable.close()

    def test_looking_up_tells_sent_from_absent(self, channel: Channel) -> None:
        letter = sample_letter(self.address)
        if not channel.can_look_up:
            with pytest.raises(CannotAsk):
                channel.look_up(letter)
            return
        assert channel.look_up(letter) is None
        assert isinstance(channel.send(letter), Sent)
        assert isinstance(channel.look_up(letter), Sent)
        assert channel.look_up(sample_letter(self.address)) is None

    def test_a_check_speaks_and_delivers_nothing(self, channel: Channel, unreachable: Channel) -> None:
        findings = channel.check()
        assert findings and all(isinstance(each, Finding) and each.what for each in findings)
        assert all(each.ok for each in findings), findings
        wrong = [each for each in unreachable.check() if not each.ok]
        assert wrong and all(each.what and each.hint for each in wrong)


@contextmanager
def closing(channel: Channel) -> Iterator[Channel]:
    """The channel, closed at the end whatever happens."""
    try:
        yield channel
    finally:
        channel.close()


def assert_in_doubt(outcome: object) -> None:
    """For tests of a receiver that vanishes after the hand-over."""
    assert isinstance(outcome, Unknown), outcome
