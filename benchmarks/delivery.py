"""Sending by one worker: messages to the built-in Outbox and files to a folder, beside bare senders of the same bytes.

The receiver makes each message durable before it answers (one fsync and more), for both senders alike.
"""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from benchmarks import cpu, papers
from benchmarks.figures import Figure
from benchmarks.house import house, postmaster, publish, say
from postroom.kernel.home import Home

MESSAGES, FILES = 600, 600


def run() -> Iterator[Figure]:
    """Messages and files a second, with the CPU they take."""
    with house() as home:
        publish(papers.SLIP)
        with _outbox(home) as port:
            _destinations(home, port)
            _compose(home, "email.jsonl", MESSAGES, mail=True)
            document = _a_document()
            say(f"{MESSAGES} messages, bare and whole")
            bare = _bare_mail(port, document)
            yield from _figures("email", "messages/s", MESSAGES, home, bare, ">=100")
        _compose(home, "letters.jsonl", FILES, mail=False)
        say(f"{FILES} files, bare and whole")
        yield from _figures("letters", "files/s", FILES, home, _bare_files(home, document), "")


def _figures(destination: str, unit: str, count: int, home: Home, bare: float, budget: str) -> Iterator[Figure]:
    from postroom.delivery.dispatch import dispatch
    from postroom.delivery.models import DELIVERED, Delivery

    server = postmaster(home)
    began = time.monotonic(), cpu.of_process(os.getpid()), cpu.of_family(server)
    dispatch(destination, seconds=120)
    ended = time.monotonic(), cpu.of_process(os.getpid()), cpu.of_family(server)
    wall, ours, database = (after - before for before, after in zip(began, ended, strict=True))
    assert Delivery.objects.filter(destination_id=destination, state=DELIVERED).count() == count
    name = f"delivery.{destination}"
    yield Figure(name, count / wall, unit, budget, baseline=bare)
    yield Figure(f"{name}.cpu", ours * 1000 / count, "ms each")
    yield Figure(f"{name}.postgresql", database * 1000 / count, "ms each")


def _destinations(home: Home, port: int) -> None:
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.identity.actor import SYSTEM

    mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender_address": "desk@example.org"}
    set_destination(SYSTEM, "email", "email", {**mail, "outbox_folder": str(home.outbox)})
    (home.drop / "letters").mkdir()
    set_destination(SYSTEM, "letters", "folder", {"folder": str(home.drop / "letters")})


def _compose(home: Home, name: str, count: int, *, mail: bool) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run
    from postroom.production.models import Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel

    parties = 500 if mail else 499
    records = (
        {**one, "number": f"{name[0]}{one['number']}"} for one in papers.slips(count, mail=mail, parties=parties)
    )
    if not mail:
        records = ({**one, "customer": {**one["customer"], "key": f"L-{one['number']}"}} for one in records)
    path = papers.write_lines(home.work / name, records)
    run = start_run(SYSTEM, template="slip", path=path).run
    read_parcel(run.pk)
    for chunk in Chunk.objects.filter(run=run).values_list("pk", flat=True):
        compose_chunk(chunk)


def _a_document() -> bytes:
    from postroom.documents.models import Version
    from postroom.vault.read import read

    version = Version.objects.first()
    assert version is not None
    return read(version.blob_id)


def _bare_mail(port: int, document: bytes) -> float:
    """Messages a second of smtplib over one connection: equal size, no database, no proof."""
    began = time.monotonic()
    with smtplib.SMTP("127.0.0.1", port) as line:
        for number in range(MESSAGES):
            message = EmailMessage()
            message["From"], message["To"] = "desk@example.org", f"bare.{number}@example.org"
            message["Subject"], message["Message-ID"] = f"Slip {number}", f"<bare-{number}@example.org>"
            message.set_content("Dear customer,\nhere is a slip.\n")
            message.add_attachment(document, maintype="application", subtype="pdf", filename="slip.pdf")
            line.send_message(message)
    return MESSAGES / (time.monotonic() - began)


def _bare_files(home: Home, document: bytes) -> float:
    """Files a second of the least that is durable: write aside, fsync, rename, fsync the folder."""
    folder = home.drop / "bare"
    folder.mkdir()
    began = time.monotonic()
    for number in range(FILES):
        aside = folder / f".{number}"
        with aside.open("wb") as handle:
            handle.write(document)
            handle.flush()
            os.fsync(handle.fileno())
        aside.rename(folder / f"{number}.pdf")
        handle_of_folder = os.open(folder, os.O_RDONLY)
        os.fsync(handle_of_folder)
        os.close(handle_of_folder)
    return FILES / (time.monotonic() - began)


@contextmanager
def _outbox(home: Home) -> Iterator[int]:
    """The built-in Outbox as a process of its own; its port."""
    command = [sys.executable, "-m", "postroom.delivery.outbox", "--folder", str(Path(home.outbox))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield json.loads(child.stdout.readline())["port"]
        finally:
            child.terminate()
