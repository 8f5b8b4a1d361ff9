"""The e-mail channel keeps the contract, against the built-in Outbox."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroom.delivery.outbox import Outbox, find_all
from postroom.delivery.spec import Channel
from postroom.plugins.channels.email import EmailChannel, EmailConfig
from postroom.testing.channels import Arrivals, ChannelContract, closing


class TestEmailChannel(ChannelContract):
    asks_outbox = True

    @pytest.fixture
    def outbox(self, tmp_path: Path) -> Iterator[Outbox]:
        with Outbox(tmp_path / "outbox") as outbox:
            yield outbox

    @pytest.fixture
    def channel(self, outbox: Outbox) -> Iterator[Channel]:
        config = EmailConfig(
            host=outbox.host,
            port=outbox.port,
            security="none",
            sender_name="Bücher & Co, KG",
            sender_address="shop@example.test",
            envelope_sender="bounce+{key}@example.test",
            outbox_folder=outbox.folder if self.asks_outbox else None,
        )
        with closing(EmailChannel(config)) as channel:
            yield channel

    @pytest.fixture
    def unreachable(self) -> Channel:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        settings = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 2.0}
        return EmailChannel(EmailConfig(sender_address="shop@example.test", **settings))

    @pytest.fixture
    def arrivals(self, outbox: Outbox) -> Arrivals:
        return lambda key: [[file.content for file in each.attachments] for each in find_all(outbox.folder, key)]


class TestEmailChannelThatCannotAsk(TestEmailChannel):
    asks_outbox = False
