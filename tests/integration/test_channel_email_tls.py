"""Encryption is verified, passwords never cross in the clear, and a check says what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from postroom.delivery.spec import Deferred, Sent
from postroom.plugins.channels.email import EmailChannel, EmailConfig
from postroom.testing.channels import closing, sample_letter
from servers.certificates import Certificates, make_certificates
from servers.rude_smtp import Hang, RudeServer, Say


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def channel_to(server: RudeServer, trusted: Path | None, **settings: Any) -> EmailChannel:
    values: dict[str, Any] = {
        "host": "localhost",
        "port": server.port,
        "security": "starttls",
        "sender_address": "shop@example.test",
        "ca_file": trusted,
        "timeout": 2.0,
    }
    return EmailChannel(EmailConfig(**{**values, **settings}))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_encrypted_letter_arrives(certificates: Certificates, security: str) -> None:
    server = RudeServer(tls=certificates.server(), implicit_tls=security == "tls")
    with server, closing(channel_to(server, certificates.authority, security=security)) as channel:
        findings = channel.check()
        assert all(each.ok for each in findings), findings
        assert any("TLSv1" in each.what for each in findings)
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
        assert isinstance(channel.send(sample_letter("anna@example.test")), Sent)
    assert len(server.kept) == 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["unknown authority", "other name", "expired"])
def test_a_bad_certificate_stops_everything(certificates: Certificates, security: str, fault: str) -> None:
    context = {
        "unknown authority": certificates.server(),
        "other name": certificates.server("elsewhere.test"),
        "expired": certificates.server(days=-1),
    }[fault]
    trusted = None if fault == "unknown authority" else certificates.authority
    server = RudeServer(tls=context, implicit_tls=security == "tls")
    with server, closing(channel_to(server, trusted, security=security)) as channel:
        outcome = channel.send(sample_letter("anna@example.test"))
        findings = channel.check()
    assert isinstance(outcome, Deferred) and "not trusted" in outcome.reason, outcome
    assert not findings[0].ok and "certificate" in findings[0].hint
    assert server.kept == []
    assert not any(command.startswith(("MAIL", "AUTH")) for command in server.commands)


def test_no_starttls_means_no_letter_and_no_password(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELAY_PASSWORD", "sesam")
    server = RudeServer(extensions=("AUTH PLAIN",))
    settings = {"username": "anna", "password_env": "RELAY_PASSWORD"}
    with server, closing(channel_to(server, certificates.authority, **settings)) as channel:
        outcome = channel.send(sample_letter("anna@example.test"))
        findings = channel.check()
    assert isinstance(outcome, Deferred) and "STARTTLS" in outcome.reason
    assert not findings[0].ok and findings[0].hint
    assert not any(command.startswith(("MAIL", "AUTH")) for command in server.commands)


def test_words_spoken_before_encryption_are_not_believed(certificates: Certificates) -> None:
    injected = Say("220 go on\r\n250-rude.test\r\n250 AUTH PLAIN")
    server = RudeServer({"STARTTLS": injected}, tls=certificates.server())
    with server, closing(channel_to(server, certificates.authority)) as channel:
        assert isinstance(channel.send(sample_letter("anna@example.test")), Deferred)
    assert server.kept == []


def test_a_server_that_never_finishes_the_handshake_is_given_up(certificates: Certificates) -> None:
    server = RudeServer({"GREETING": Hang()})
    with server, closing(channel_to(server, certificates.authority, security="tls", timeout=1.0)) as channel:
        assert isinstance(channel.send(sample_letter("anna@example.test")), Deferred)


@pytest.mark.parametrize(
    ("answer", "good"), [(Say("235 2.7.0 welcome"), True), (Say("535 5.7.8 wrong password"), False)]
)
def test_sign_in(certificates: Certificates, monkeypatch: pytest.MonkeyPatch, answer: Say, good: bool) -> None:
    monkeypatch.setenv("RELAY_PASSWORD", "gehëim")
    server = RudeServer({"AUTH": answer}, tls=certificates.server(), extensions=("AUTH PLAIN LOGIN",))
    settings = {"username": "anna", "password_env": "RELAY_PASSWORD"}
    with server, closing(channel_to(server, certificates.authority, **settings)) as channel:
        outcome = channel.send(sample_letter("anna@example.test"))
        findings = channel.check()
    assert isinstance(outcome, Sent if good else Deferred), outcome
    assert all(each.ok for each in findings) is good
    # the secret is nowhere in what we say about it
    assert "gehëim" not in repr((outcome, findings, channel.config))


def test_a_missing_password_is_said(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELAY_PASSWORD", raising=False)
    with RudeServer(tls=certificates.server()) as server:
        channel = channel_to(server, certificates.authority, username="anna", password_env="RELAY_PASSWORD")
        outcome = channel.send(sample_letter("anna@example.test"))
        assert server.connections == 0
    assert isinstance(outcome, Deferred) and "RELAY_PASSWORD" in outcome.reason


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "mail.example.test", "security": "none", "username": "anna", "password_env": "P"},
        {"username": "anna"},
        {"password_env": "not a name"},
        {"sender_address": "no-address"},
        {"sender_address": ""},
        {"sender_address": "jürgen@example.test"},
        {"sender_name": "Shop\r\nBcc: all@example.test"},
        {"envelope_sender": "bounce+{name}@example.test"},
        {"envelope_sender": "a-very-long-bounce-prefix+{key}@example.test"},
        {"host": "mail.example.test evil"},
        {"helo": "me\r\nMAIL FROM:<x@y>"},
        {"port": 0},
        {"timeout": 30},
        {"password": "sesam"},
    ],
    ids=str,
)
def test_settings_that_cannot_be_right_are_refused(settings: dict[str, Any]) -> None:
    values: dict[str, Any] = {"host": "127.0.0.1", "sender_address": "shop@example.test"}
    with pytest.raises(ValidationError):
        EmailConfig(**{**values, **settings})
