"""Planted faults: a channel that lies must turn the contract red."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_SUITE = """
import pytest
from postroom.delivery.outbox import Outbox, find_all
from postroom.delivery.spec import Sent, Truth, Deferred
from postroom.plugins.channels.email import EmailChannel, EmailConfig
from postroom.testing.channels import ChannelContract

class Liar(EmailChannel):
    def send(self, letter):
{body}

class TestLiar(ChannelContract):
    @pytest.fixture
    def outbox(self, tmp_path):
        with Outbox(tmp_path / "outbox") as outbox:
            yield outbox

    @pytest.fixture
    def channel(self, outbox):
        config = EmailConfig(host="127.0.0.1", port=outbox.port, security="none", sender_address="a@example.test")
        channel = Liar(config)
        yield channel
        channel.close()

    @pytest.fixture
    def unreachable(self):
        return EmailChannel(
            EmailConfig(host="127.0.0.1", port=1, security="none", sender_address="a@example.test", timeout=2.0)
        )

    @pytest.fixture
    def arrivals(self, outbox):
        return lambda key: [[file.content for file in each.attachments] for each in find_all(outbox.folder, key)]
"""

_FAULTS = {
    "sent without sending": 'return Sent(Truth.RELAYED, "250 fine")',
    "sent twice": "super().send(letter); return super().send(letter)",
    "claims more truth than it declares": (
        "sent = super().send(letter); return Sent(Truth.READ, sent.answer) if isinstance(sent, Sent) else sent"
    ),
    "sends bytes nobody approved": (
        "from dataclasses import replace; import hashlib; "
        "empty = tuple(replace(e, read=lambda: b'', sha256=hashlib.sha256(b'').hexdigest()) "
        "for e in letter.enclosures); return super().send(replace(letter, enclosures=empty))"
    ),
}


@pytest.mark.parametrize(("fault", "red"), [*((fault, True) for fault in _FAULTS), ("none", False)])
def test_the_contract_sees_the_fault(fault: str, red: bool, tmp_path: Path) -> None:
    # given a suite around a channel with this fault
    suite = tmp_path / "test_liar.py"
    suite.write_text(_SUITE.format(body=f"        {_FAULTS.get(fault, 'return super().send(letter)')}"))
    # when its author runs it
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-c", "/dev/null", str(suite)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )
    # then it is red, and green without the fault
    assert run.returncode == (1 if red else 0), run.stdout
