"""Mail servers that refuse, defer and hang: retries, then letters, and both balances zero."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api_kit import carry_through, records
from kit.runs import settled, start, write
from servers.rude_smtp import Act, Hang, RudeServer, Say


@pytest.fixture
def quick(starters: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    short = {"take_over_delay": 1.0, "send_timeout": 0.6, "retry_delays": (0.1, 0.1)}
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=short))


def _mail_to(server: RudeServer) -> None:
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.identity.actor import SYSTEM

    config = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender_address": "us@house.example"}
    set_destination(SYSTEM, "email", "email", config)


def _through(server: RudeServer, tmp_path: Path) -> tuple[Any, list[Any]]:
    from postroom.delivery.models import Delivery

    _mail_to(server)
    run = start(write(tmp_path, records(1)))
    carry_through(run.pk)
    counted = settled(run, hurry=True)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0)
    return counted, list(Delivery.objects.filter(run_id=run.pk).order_by("created_at", "id"))


def test_a_refused_mail_becomes_a_letter_and_the_address_is_remembered(quick: None, tmp_path: Path) -> None:
    from postroom.parties.models import Suppression

    # given a server that knows no such mailbox
    with RudeServer({"RCPT": Say("550 5.1.1 no such mailbox")}) as server:
        counted, deliveries = _through(server, tmp_path)
    # then the mail failed, a letter arrived in its place, and the record is complete
    assert [(row.destination_id, row.state) for row in deliveries] == [("email", "failed"), ("letters", "delivered")]
    assert deliveries[1].fallback_for == deliveries[0].pk
    assert counted.records["completed"] == 1
    assert Suppression.objects.get().reason == "unknown-mailbox"


def test_a_deferred_mail_arrives_at_the_second_try(quick: None, tmp_path: Path) -> None:
    # given a server that is busy the first time
    with RudeServer({"RCPT": [Say("451 4.3.0 later", hang_up=True)]}) as server:
        counted, deliveries = _through(server, tmp_path)
        assert len(server.kept) == 1
    # then the second try arrives
    assert [(row.state, row.attempts) for row in deliveries] == [("delivered", 2)]
    assert counted.records["completed"] == 1


@pytest.mark.parametrize("act", [Say("451 4.3.0 later"), Hang()], ids=["defers", "hangs"])
def test_a_mail_that_never_gets_through_becomes_a_letter(quick: None, tmp_path: Path, act: Act) -> None:
    # given a server that puts off for ever, or says nothing at all
    with RudeServer({"MAIL": act}) as server:
        counted, deliveries = _through(server, tmp_path)
        assert server.kept == []
    # then all tries are used up, and a letter goes
    assert [(row.destination_id, row.state) for row in deliveries] == [("email", "failed"), ("letters", "delivered")]
    assert (deliveries[0].code, deliveries[0].attempts) == ("gave-up", 3)
    assert counted.records["completed"] == 1


def test_p4_a_server_that_hangs_after_the_dot_leaves_a_doubt_and_no_second_mail(quick: None, tmp_path: Path) -> None:
    # given a server that took the message and never answered
    with RudeServer({"DOT": Hang()}) as server:
        counted, deliveries = _through(server, tmp_path)
        # then it has one message, and an operator decides
        assert len(server.kept) == 1
    assert [row.state for row in deliveries] == ["in_doubt"]
    assert counted.records["held"] == 1
