"""The Outbox keeps every message it answered 250 for, tells what came, and lets nobody in from outside."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from postroom.delivery.caught import Drawer
from postroom.delivery.outbox import (
    NoSuchMail,
    Outbox,
    OutboxBusy,
    OutboxNotLocal,
    count,
    find,
    find_all,
    message,
    messages,
)
from postroom.kernel.errors import Unavailable

MAIL = b"Message-ID: <%s@x.test>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello\r\n"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox") as outbox:
        yield outbox


def client_of(outbox: Outbox) -> smtplib.SMTP:
    client = smtplib.SMTP(outbox.host, outbox.port, local_hostname="test", timeout=10)
    client.ehlo()
    return client


def send(outbox: Outbox, key: str, recipient: str = "anna@x.test") -> None:
    with client_of(outbox) as client:
        client.sendmail("shop@x.test", [recipient], MAIL % key.encode())


def test_a_message_is_listed_found_and_read(outbox: Outbox) -> None:
    for number in range(5):
        send(outbox, f"k-{number}")
    assert count(outbox.folder) == 5
    newest = messages(outbox.folder, limit=2)
    assert [each.key for each in newest] == ["k-4", "k-3"]
    assert [each.key for each in messages(outbox.folder, before=newest[-1].id)] == ["k-2", "k-1", "k-0"]
    found = find(outbox.folder, "k-2")
    assert found is not None and message(outbox.folder, found.id) == found
    assert (found.subject, found.text, found.html, found.attachments) == ("Grüße", "Hello\n", "", ())
    assert (found.sender, found.recipients) == ("shop@x.test", ("anna@x.test",))
    assert found.raw() == MAIL % b"k-2"
    assert found.size == len(found.raw())


@pytest.mark.parametrize("ident", ["0" * 32, "../../etc/passwd", "", "x"])
def test_what_is_not_there_is_said(outbox: Outbox, ident: str) -> None:
    assert find(outbox.folder, "nothing") is None
    assert find(outbox.folder, "../../../etc/passwd") is None
    assert find_all(outbox.folder, "") == []
    with pytest.raises(NoSuchMail):
        message(outbox.folder, ident)


def test_an_empty_folder_is_an_empty_outbox(tmp_path: Path) -> None:
    assert messages(tmp_path / "never") == []
    assert count(tmp_path / "never") == 0


def test_a_second_arrival_of_a_key_is_seen(outbox: Outbox) -> None:
    for _ in range(3):
        send(outbox, "twice")
    assert len(find_all(outbox.folder, "twice")) == 3


def test_a_foreign_message_id_is_found_too(outbox: Outbox) -> None:
    key = "a/b" * 100
    send(outbox, key)
    found = find(outbox.folder, key)
    assert found is not None and found.key == key


def test_dsn_parameters_are_understood(outbox: Outbox) -> None:
    with client_of(outbox) as client:
        assert {"dsn", "8bitmime", "smtputf8", "size"} <= set(client.esmtp_features)
        assert client.mail("a@x.test", ["RET=HDRS", "ENVID=run+2B7", "BODY=8BITMIME"])[0] == 250
        assert client.rcpt("b@x.test", ["NOTIFY=SUCCESS,FAILURE,DELAY", "ORCPT=rfc822;b+2Bc@x.test"])[0] == 250
        assert client.data(b"Subject: x\r\n\r\nx\r\n")[0] == 250
    found = find(outbox.folder, "run+7")
    assert found is not None and found.envid == "run+7" == found.key


@pytest.mark.parametrize(
    ("mail", "rcpt"),
    [
        ("RET=SOME", ""),
        ("ENVID=" + "x" * 101, ""),
        ("ENVID=a+zz", ""),
        ("RET=FULL RET=FULL", ""),
        ("NOTIFY=NEVER", ""),
        ("", "NOTIFY=NEVER,SUCCESS"),
        ("", "NOTIFY="),
        ("", "ORCPT=b@x.test"),
        ("", "ENVID=1"),
    ],
)
def test_wrong_dsn_parameters_are_refused(outbox: Outbox, mail: str, rcpt: str) -> None:
    with client_of(outbox) as client:
        answer = client.mail("a@x.test", mail.split())
        if rcpt:
            assert answer[0] == 250
            answer = client.rcpt("b@x.test", rcpt.split())
        assert answer[0] == 501


@pytest.mark.parametrize(
    ("recipient", "answer"),
    [
        ("bounce@x.test", b"5.1.1"),
        ("Bounce+7@x.test", b"5.1.1"),
        ("full-anna@x.test", b"5.2.2"),
        ("later1@x.test", b"4.3.0"),
        ("fuller@x.test", b"2.1.5"),
        ("bouncerin@x.test", b"2.1.5"),
    ],
)
def test_failure_can_be_practised(outbox: Outbox, recipient: str, answer: bytes) -> None:
    with client_of(outbox) as client:
        client.mail("a@x.test")
        assert client.rcpt(recipient)[1].startswith(answer)


def test_a_function_may_decide_who_is_turned_away(tmp_path: Path) -> None:
    with Outbox(tmp_path, bounce=lambda who: "550 5.7.1 no" if who.endswith("@evil.test") else None) as outbox:
        send(outbox, "good", "bounce@x.test")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(outbox, "bad", "anna@evil.test")
    assert count(tmp_path) == 1


def test_too_much_is_refused(tmp_path: Path) -> None:
    with Outbox(tmp_path, size_limit=1000) as outbox, client_of(outbox) as client:
        assert client.mail("a@x.test", ["SIZE=1001"])[0] == 552
        client.mail("a@x.test")
        client.rcpt("b@x.test")
        assert client.data(b"x" * 60 + b"\r\n" + b"y" * 1000)[0] == 552
    assert count(tmp_path) == 0


def test_many_at_once_and_no_more_than_allowed(tmp_path: Path) -> None:
    with Outbox(tmp_path, connections=8) as outbox:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: send(outbox, f"k-{number}"), range(64)))
        assert count(tmp_path) == 64
        guests = [client_of(outbox) for _ in range(8)]
        with pytest.raises(smtplib.SMTPConnectError, match="421"):
            client_of(outbox)
        for guest in guests:
            guest.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.test"])
def test_it_listens_on_this_machine_only(tmp_path: Path, host: str) -> None:
    with pytest.raises(OutboxNotLocal):
        Outbox(tmp_path, host)


def test_a_folder_has_one_writer_and_a_port_one_listener(outbox: Outbox, tmp_path: Path) -> None:
    with pytest.raises(OutboxBusy):
        Outbox(outbox.folder).start()
    other = Outbox(tmp_path / "other", port=outbox.port)
    with pytest.raises(Unavailable):
        other.start()
    other.stop()
    with Outbox(tmp_path / "other"):  # the lock was given back
        pass


def test_stopping_ends_open_connections_and_it_can_start_again(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path).start()
    client = client_of(outbox)
    outbox.stop()
    outbox.stop()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    client.close()
    with outbox:
        send(outbox, "again")
    assert count(tmp_path) == 1


def test_as_a_process_it_says_where_it_listens_and_loses_nothing_when_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "postroom.delivery.outbox", "--folder", str(tmp_path)]
    for ending in (signal.SIGKILL, signal.SIGTERM):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            where = json.loads(process.stdout.readline())
            with smtplib.SMTP(where["host"], where["port"], local_hostname="test", timeout=10) as client:
                client.sendmail("a@x.test", ["b@x.test"], MAIL % f"k-{ending}".encode())
                process.send_signal(ending)
                assert process.wait(10) == (0 if ending == signal.SIGTERM else -9)
                client.close()
        assert find(tmp_path, f"k-{ending}") is not None
    assert count(tmp_path) == 2


def test_p4_a_crash_at_any_line_leaves_the_index_true(tmp_path: Path) -> None:
    """The name by key is what senders ask; it and the list agree after the next start, wherever the crash was."""
    crashed = stored = 0
    for line in range(1, 400):
        folder = tmp_path / str(line)
        Drawer(folder).prepare()
        child = os.fork()
        if child == 0:
            _die_at(line)
            Drawer(folder).store(MAIL % b"key", "a@x.test", ["b@x.test"], "key")
            sys.settrace(None)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        accepted = (folder / "by-key" / "key").exists()
        Drawer(folder).prepare()
        assert len(find_all(folder, "key")) == count(folder) == accepted
        assert list((folder / "new").iterdir()) == []
        if os.WIFEXITED(status):
            assert accepted
            break
        crashed += 1
        stored += accepted
    assert crashed > 20 and 0 < stored < crashed


def _die_at(line: int) -> None:
    """Kill this process before the given line of our storage code is executed."""
    seen = 0

    def trace(frame: object, event: str, _: object) -> object:
        nonlocal seen
        name = getattr(getattr(frame, "f_code", None), "co_filename", "")
        if not name.endswith("caught.py"):
            return None
        if event == "line":
            seen += 1
            if seen == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)  # type: ignore[arg-type]


def test_nothing_listens_after_the_end(tmp_path: Path) -> None:
    with Outbox(tmp_path) as outbox:
        port = outbox.port
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
        pass
