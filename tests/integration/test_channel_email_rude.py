"""Whatever a mail server does, the outcome is right and the time is kept."""

from __future__ import annotations

import time
from typing import Any

import pytest

from postroom.delivery.spec import Deferred, Outcome, Refused, Sent, Unknown
from postroom.plugins.channels import _smtp_send
from postroom.plugins.channels._mail_message import Outgoing
from postroom.plugins.channels._smtp_line import Line
from postroom.plugins.channels.email import EmailChannel, EmailConfig
from postroom.testing.channels import closing, sample_enclosure, sample_letter
from servers.rude_smtp import Drop, Hang, RudeServer, Say, Stall

pytestmark = pytest.mark.slow

TIMEOUT = 1.5


def channel_to(server: RudeServer, **settings: Any) -> EmailChannel:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender_address": "shop@example.test",
        "timeout": TIMEOUT,
    }
    return EmailChannel(EmailConfig(**{**values, **settings}))


def send_to(server: RudeServer, **settings: Any) -> Outcome:
    with closing(channel_to(server, **settings)) as channel:
        began = time.monotonic()
        outcome = channel.send(sample_letter("anna@example.test"))
        assert time.monotonic() - began < settings.get("timeout", TIMEOUT) + 0.4, "the time-out was not kept"
        return outcome


STAGES_BEFORE = ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("stage", STAGES_BEFORE)
@pytest.mark.parametrize("act", [Hang(), Drop()], ids=["hang", "drop"])
def test_p4_trouble_before_the_dot_is_deferred(stage: str, act: Hang | Drop) -> None:
    with RudeServer({stage: act}) as server:
        outcome = send_to(server)
    assert isinstance(outcome, Deferred), outcome
    assert outcome.reason
    assert server.kept == []


@pytest.mark.parametrize("stage", [*STAGES_BEFORE, "DOT"])
def test_p4_a_slow_drip_keeps_the_deadline(stage: str) -> None:
    # given a server that sends one byte every 0.2 s, so that no single read ever times out
    with RudeServer({stage: Say("250-" + "x" * 500, pause=0.2)}) as server:
        outcome = send_to(server)
    # then it is given up in time, and only after the dot the outcome is open
    assert isinstance(outcome, Unknown if stage == "DOT" else Deferred), outcome


@pytest.mark.parametrize("act", [Hang(), Drop(), Say("what?"), Say("250-never"), Say("354 more?")])
def test_p4_silence_after_the_dot_is_unknown(act: Hang | Drop | Say) -> None:
    with RudeServer({"DOT": act}) as server:
        outcome = send_to(server)
        assert isinstance(outcome, Unknown), outcome
        assert len(server.kept) == 1  # as it may be in life: the letter did arrive


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("words", ["421 4.3.2 closing", "450 4.2.0 not now", "451 4.7.1 greylisted, wait 90 seconds"])
def test_4xx_anywhere_is_deferred(stage: str, words: str) -> None:
    with RudeServer({stage: Say(words)}) as server:
        outcome = send_to(server)
    assert isinstance(outcome, Deferred), outcome
    assert outcome.answer.startswith(words[:3])
    if "90 seconds" in words and stage in ("MAIL", "RCPT", "DATA", "DOT"):
        assert outcome.retry_after == 90.0
    assert server.kept == []


@pytest.mark.parametrize(
    ("stage", "words", "code"),
    [
        ("RCPT", "550 5.1.1 no such user", "unknown-mailbox"),
        ("RCPT", "550 who?", "unknown-mailbox"),
        ("RCPT", "550 5.1.2 no such domain", "unknown-domain"),
        ("RCPT", "552 5.2.2 over quota", "mailbox-full"),
        ("RCPT", "550 5.2.1 disabled", "mailbox-disabled"),
        ("RCPT", "550 5.7.1 you are listed", "policy"),
        ("RCPT", "554 no", "recipient-refused"),
        ("MAIL", "552 5.3.4 too big", "too-big"),
        ("MAIL", "550 5.1.8 bad sender", "sender-refused"),
        ("DATA", "554 5.7.0 spam", "policy"),
        ("DOT", "552 5.3.4 too big", "too-big"),
        ("DOT", "554 5.6.0 no", "content-refused"),
        ("DOT", "552 no", "too-big"),
        ("DOT", "550 no", "content-refused"),
    ],
)
def test_5xx_is_refused_with_a_stable_code(stage: str, words: str, code: str) -> None:
    with RudeServer({stage: Say(words)}) as server:
        outcome = send_to(server)
    assert isinstance(outcome, Refused), outcome
    assert outcome.code == code
    assert outcome.answer == words


@pytest.mark.parametrize("stage", ["GREETING", "EHLO"])
def test_5xx_before_the_letter_speaks_about_the_destination_and_defers(stage: str) -> None:
    with RudeServer({stage: Say("554 5.3.2 no service here"), "HELO": Say("502 no")}) as server:
        assert isinstance(send_to(server), Deferred)


def test_a_demand_for_sign_in_is_the_operators_matter() -> None:
    with RudeServer({"MAIL": Say("530 5.7.0 authentication required")}) as server:
        assert isinstance(send_to(server), Deferred)


def test_a_refused_letter_does_not_spoil_the_connection() -> None:
    with RudeServer({"RCPT": Say("550 5.1.1 no such user")}) as server, closing(channel_to(server)) as channel:
        assert isinstance(channel.send(sample_letter("anna@example.test")), Refused)
        server.acts.clear()
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        assert server.connections == 1


def test_an_idle_connection_that_was_closed_is_opened_anew() -> None:
    with RudeServer() as server, closing(channel_to(server)) as channel:
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        server.hang_up_on_everyone()
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        assert (server.connections, len(server.kept)) == (2, 2)


def test_an_idle_connection_that_went_mute_leaves_time_for_a_new_one() -> None:
    with RudeServer({"RSET": [Hang(), None]}) as server, closing(channel_to(server)) as channel:
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        assert (server.connections, len(server.kept)) == (2, 2)


@pytest.mark.parametrize("act", [Drop(), Say("421 4.7.0 enough", hang_up=True)], ids=["drop", "421"])
def test_a_kept_connection_lost_at_mail_is_opened_anew_once(act: Drop | Say) -> None:
    with RudeServer() as server, closing(channel_to(server)) as channel:
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        server.acts["MAIL"] = [act, None]
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        server.acts["MAIL"] = act
        assert isinstance(channel.send(sample_letter("anna@example.test")), Deferred)
        assert server.connections == 3


def test_p4_a_kept_connection_lost_after_the_dot_is_never_tried_again() -> None:
    with RudeServer() as server, closing(channel_to(server)) as channel:
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        server.acts["DOT"] = Drop()
        assert isinstance(channel.send(sample_letter("anna@example.test")), Unknown)
        assert (server.connections, len(server.kept)) == (1, 2)


def test_a_server_with_a_limit_per_connection_is_served() -> None:
    with RudeServer(letters_per_connection=2) as server, closing(channel_to(server)) as channel:
        assert all(isinstance(channel.send(sample_letter("anna@example.test")), Sent) for _ in range(5))
        assert (server.connections, len(server.kept)) == (3, 5)


@pytest.mark.parametrize("act", [Stall(), Drop()], ids=["stops reading", "drops"])
def test_p4_a_server_lost_in_the_middle_of_the_message_is_given_up_before_the_dot(act: Stall | Drop) -> None:
    # given a message larger than all buffers between us: what the kernel swallows whole, dot included, is Unknown
    big = sample_enclosure(b"%PDF" + b"x" * 9_000_000)
    letter = sample_letter("anna@example.test", enclosures=(big,))
    with RudeServer({"BODY": act}, extensions=("8BITMIME",)) as server, closing(channel_to(server)) as channel:
        began = time.monotonic()
        outcome = channel.send(letter)
        assert time.monotonic() - began < TIMEOUT + 0.4
    assert isinstance(outcome, Deferred), outcome


def test_a_server_that_says_why_before_it_hangs_up_is_heard() -> None:
    big = sample_enclosure(b"%PDF" + b"x" * 9_000_000)
    letter = sample_letter("anna@example.test", enclosures=(big,))
    acts = {"BODY": Say("552 5.3.4 far too big", hang_up=True)}
    with RudeServer(acts, extensions=("8BITMIME",)) as server, closing(channel_to(server)) as channel:
        outcome = channel.send(letter)
    # a reset can overtake the words; both readings are safe
    assert isinstance(outcome, Deferred) or (isinstance(outcome, Refused) and outcome.code == "too-big"), outcome
    assert server.kept == []


def test_what_the_server_cannot_take_is_refused_before_it_is_sent() -> None:
    with RudeServer(extensions=("SIZE 1000",)) as server, closing(channel_to(server)) as channel:
        big = channel.send(sample_letter("anna@example.test"))
        foreign = channel.send(sample_letter("jürgen@example.test"))
        assert not any(command.startswith("MAIL") for command in server.commands)
    assert isinstance(big, Refused) and big.code == "too-big"
    assert isinstance(foreign, Refused) and foreign.code == "address-not-internationalised"


def test_a_name_that_does_not_exist_is_deferred() -> None:
    with RudeServer() as server:
        outcome = send_to(server, host="no-such-host.invalid", timeout=5.0)
    assert isinstance(outcome, Deferred), outcome


def test_dsn_is_asked_for_under_the_key_only_where_it_is_offered() -> None:
    letter = sample_letter("anna+x=1@example.test")
    with RudeServer() as server, closing(channel_to(server)) as channel:
        channel.send(letter)
    with RudeServer(extensions=()) as plain, closing(channel_to(plain)) as channel:
        channel.send(letter)
    mail = next(command for command in server.commands if command.startswith("MAIL"))
    assert mail.endswith(f" RET=HDRS ENVID={letter.key}")
    assert (
        "RCPT TO:<anna+x=1@example.test> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;anna+2Bx+3D1@example.test"
        in server.commands
    )
    assert "MAIL FROM:<shop@example.test>" in plain.commands
    assert "RCPT TO:<anna+x=1@example.test>" in plain.commands


def test_the_gate_sees_a_channel_that_calls_doubt_certainty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: silence after the dot taken for "surely not delivered" would send the letter twice."""
    usual = _smtp_send._dot

    def careless(line: Line, mail: Outgoing) -> Outcome:
        outcome = usual(line, mail)
        return Deferred(outcome.reason) if isinstance(outcome, Unknown) else outcome

    monkeypatch.setattr(_smtp_send, "_dot", careless)
    with pytest.raises(AssertionError):
        test_p4_silence_after_the_dot_is_unknown(Drop())


def test_the_gate_sees_a_channel_with_a_time_out_for_each_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: what smtplib does by itself, a fresh time-out for each read."""
    monkeypatch.setattr(Line, "left", lambda line: TIMEOUT)
    with RudeServer({"MAIL": Say("250 " + "x" * 15, pause=0.2)}) as server, pytest.raises(AssertionError, match="kept"):
        send_to(server)
