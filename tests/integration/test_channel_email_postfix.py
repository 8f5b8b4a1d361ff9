"""The e-mail channel against a real relay: Postfix, its downstream servers, and the notices that come back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from postroom.delivery.outbox import Caught, Outbox, find_all, messages
from postroom.delivery.spec import Deferred, Refused, Sent, Truth
from postroom.plugins.channels.email import EmailChannel, EmailConfig
from postroom.testing.channels import PDF, closing, sample_letter
from servers.postfix import Postfix
from servers.rude_smtp import RudeServer

pytestmark = [pytest.mark.slow, pytest.mark.servers("postfix")]


@dataclass
class Post:
    """A relay, the mailboxes behind it, an old server that knows no DSN, and where notices come back to."""

    relay: Postfix
    mailboxes: Path
    notices: Path
    old: RudeServer
    channel: EmailChannel

    def notice(self, key: str) -> Caught:
        """The delivery status notice for this key, found by its Original-Envelope-Id."""
        wanted = f"Original-Envelope-Id: {key}".encode()
        return wait_for(
            lambda: next((each for each in messages(self.notices) if wanted in each.raw()), None), self.relay
        )


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    root = tmp_path_factory.mktemp("post")
    mailboxes, notices = root / "mailboxes", root / "notices"
    with (
        Outbox(mailboxes) as good,
        Outbox(notices, bounce={}) as back,
        RudeServer(extensions=("8BITMIME",)) as old,
        Postfix({"example.test": good.port, "old.test": old.port, "bounces.test": back.port}) as relay,
    ):
        config = EmailConfig(
            host="127.0.0.1",
            port=relay.port,
            security="none",
            sender_name="Bücherei",
            sender_address="shop@example.test",
            envelope_sender="b+{key}@bounces.test",
        )
        with closing(EmailChannel(config)) as channel:
            assert all(each.ok for each in channel.check())
            yield Post(relay, mailboxes, notices, old, channel)


def wait_for(ask: Callable[[], Caught | None], relay: Postfix) -> Caught:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = ask()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"it never came; postfix says:\n{relay.log()}")


def test_a_relayed_letter_arrives_whole_under_its_key(post: Post) -> None:
    letter = sample_letter("anna@example.test")
    outcome = post.channel.send(letter)
    assert isinstance(outcome, Sent) and outcome.truth is Truth.RELAYED, outcome
    assert "queued as" in outcome.answer
    arrived = wait_for(lambda: next(iter(find_all(post.mailboxes, letter.key)), None), post.relay)
    assert arrived.envid == letter.key
    assert arrived.attachments[0].content == PDF
    assert arrived.text == letter.text
    assert arrived.subject == letter.subject


def test_an_internationalised_address_arrives(post: Post) -> None:
    letter = sample_letter("jürgen@example.test")
    assert isinstance(post.channel.send(letter), Sent)
    arrived = wait_for(lambda: next(iter(find_all(post.mailboxes, letter.key)), None), post.relay)
    assert arrived.recipients == ("jürgen@example.test",)
    assert "jürgen@example.test" in arrived.header("To")


def test_a_mailbox_unknown_to_the_relay_is_refused_at_once(post: Post) -> None:
    outcome = post.channel.send(sample_letter("nobody@example.test"))
    assert isinstance(outcome, Refused) and outcome.code == "unknown-mailbox", outcome


def test_greylisting_defers_as_long_as_the_relay_wishes(post: Post) -> None:
    outcome = post.channel.send(sample_letter("grey@example.test"))
    assert isinstance(outcome, Deferred) and outcome.retry_after == 120.0, outcome


def test_a_later_bounce_comes_back_under_the_key(post: Post) -> None:
    # given a letter the relay took and the mailbox server refuses
    letter = sample_letter("bounce@example.test")
    assert isinstance(post.channel.send(letter), Sent)
    # then the notice names the letter twice: by ENVID, and by the address it came to (VERP)
    notice = post.notice(letter.key)
    assert notice.recipients == (f"b+{letter.key}@bounces.test",)
    assert b"Action: failed" in notice.raw() and b"Status: 5.1.1" in notice.raw()
    # and RET=HDRS kept the customer's invoice out of it
    assert b"JVBERi0" not in notice.raw()


def test_a_server_without_dsn_makes_the_relay_answer_for_it(post: Post) -> None:
    letter = sample_letter("anna@old.test")
    assert isinstance(post.channel.send(letter), Sent)
    assert b"Action: relayed" in post.notice(letter.key).raw()
    assert len(post.old.kept) == 1
