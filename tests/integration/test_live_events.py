"""Live counts: told after the commit, counted once for all, to everybody who may know, and to nobody else."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from api_kit import World, records
from desk_kit import Desk, desk_of

ORIGIN = "http://desk.example"
ROLES = ("operator", "clerk", "auditor", "administrator")
GREEDY = Path(__file__).parents[1] / "servers" / "greedy_events.py"
#: Statements a process may differ by for reasons of its own (checks of its sessions).
SLACK = 12


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


@contextmanager
def events(*program: str) -> Iterator[str]:
    """The process of the live counts, as it is served; its address. Ended by its handle, and on time."""
    from postroom.project.ports import free_port
    from postroom.project.serving import events_command

    port = free_port("127.0.0.1", 0)
    command = [sys.executable, *program, "127.0.0.1", str(port)] if program else events_command("127.0.0.1", port)
    process = subprocess.Popen(command)
    address = f"http://127.0.0.1:{port}"
    try:
        assert up(address), "the live counts do not answer"
        yield address
    finally:
        process.terminate()
        assert process.wait(10) == 0


def up(address: str, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/events/up", timeout=2):
                return True
        except OSError:
            time.sleep(0.05)
    return False


async def elsewhere(act: Callable[..., Any], *arguments: Any) -> None:
    """In a thread with a database session of its own, as a worker would."""
    from django.db import connection

    def acted() -> None:
        try:
            act(*arguments)
        finally:
            connection.close()

    await asyncio.to_thread(acted)


def pass_of(number: int, role: str, origin: str = ORIGIN) -> str:
    from postroom.identity.models import User
    from postroom.web.live import make_pass

    return make_pass(User(pk=number, roles=[role]), origin)


class Page:
    """One open page: its stream, read event by event."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, role: str) -> None:
        self.reader, self.writer, self.role = reader, writer, role

    async def next(self, seconds: float = 10.0) -> tuple[str, Any]:
        """Name and content of the next event that is no beat; ``("closed", "")`` at the end."""
        name = ""
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), seconds)).decode().rstrip()
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data:") and name != "beat":
                data = line.removeprefix("data:").strip()
                return name, json.loads(data) if name == "told" else data
            elif line == "0":  # the last chunk
                return "closed", ""

    async def until(self, topic: str) -> dict[str, int]:
        """The counts once ``topic`` is told, merged with those told before."""
        counts: dict[str, int] = {}
        while True:
            name, told = await self.next()
            assert name == "told", name
            counts |= told.get("counts", {})
            if topic in told.get("changed", ()):
                return counts


@asynccontextmanager
async def pages(address: str, number: int, roles: tuple[str, ...] = ROLES) -> AsyncIterator[list[Page]]:
    """So many open pages, of different people, each past its first counts."""

    async def look(place: int) -> Page:
        role = roles[place % len(roles)]
        parts = urlsplit(address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        asked = f"GET /events/stream?pass={pass_of(1000 + place, role)} HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\n\r\n"
        writer.write(asked.encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        assert head.startswith(b"HTTP/1.1 200"), head
        page = Page(reader, writer, role)
        name, told = await page.next(20)
        assert (name, set(told)) == ("told", {"counts"})
        return page

    opened = await asyncio.gather(*(look(place) for place in range(number)))
    try:
        yield opened
    finally:
        for page in opened:
            page.writer.close()


# --- what is told, and to whom --------------------------------------------------------------------------------------


def test_two_hundred_pages_are_told_of_a_change_once_it_is_committed(world: World) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.correct_record import correct_record

    async def scene(address: str) -> None:
        # given two hundred open pages of four roles
        async with pages(address, 200) as opened:
            # when the one record that was set aside goes on
            await elsewhere(correct_record, SYSTEM, world.record, records(1)[0])
            # then all who may see runs are told which one moved, and the new counts
            told = await asyncio.gather(*(page.until(f"run:{world.run}") for page in opened if page.role != "clerk"))
            assert len(told) == 150
            assert all((counts["set_aside"], counts["runs"]) == (0, 1) for counts in told)
            # and a clerk, who sees neither runs nor records, hears nothing of them
            with pytest.raises(TimeoutError):
                await opened[1].next(0.5)

    with events() as address:
        asyncio.run(scene(address))


def statements(url: str, cluster: Any) -> int:
    """Transactions of the test's database so far; every statement of ours outside one is one."""
    from django.db import connection

    from postroom.kernel import notices

    notices.let_go()
    connection.close()  # a session tells its numbers at the latest when it ends
    name = urlsplit(url).path.strip("/")
    before = -1
    with psycopg.connect(cluster.url, autocommit=True) as session:
        for _ in range(50):
            row = session.execute(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s", (name,)
            ).fetchone()
            assert row is not None
            if row[0] == before:
                return int(before)
            before = row[0]
            time.sleep(0.2)
    raise AssertionError("somebody else asks this database")


def asked_for(number: int, url: str, cluster: Any, *program: str) -> int:
    """What so many open pages and three changes cost the database."""
    from postroom.kernel import notices

    async def scene(address: str) -> None:
        async with pages(address, number) as opened:
            for _ in range(3):
                await elsewhere(notices.tell, notices.DELIVERIES)
                await asyncio.gather(*(page.until("deliveries") for page in opened))
                await asyncio.sleep(notices.PAUSE)

    before = statements(url, cluster)
    with events(*program) as address:
        asyncio.run(scene(address))
    return statements(url, cluster) - before


def test_the_database_is_asked_no_more_for_two_hundred_pages_than_for_four(world: World, db: str, cluster: Any) -> None:
    four = asked_for(4, db, cluster)
    assert asked_for(200, db, cluster) <= four + SLACK


def test_planted_a_query_for_each_page_turns_this_red(world: World, db: str, cluster: Any) -> None:
    four = asked_for(4, db, cluster, str(GREEDY))
    assert asked_for(60, db, cluster, str(GREEDY)) > four + SLACK


# --- who is let in, and sent away -----------------------------------------------------------------------------------


def refused(address: str, shown: str, origin: str = ORIGIN) -> int:
    asked = urllib.request.Request(f"{address}/events/stream?pass={shown}", headers={"Origin": origin})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(asked, timeout=5)
    with caught.value as answer:
        return answer.code


def test_a_stream_is_opened_by_a_fresh_pass_of_this_desk_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    good = pass_of(1, "operator")
    with monkeypatch.context() as past:
        moment = time.time() - 61
        past.setattr(time, "time", lambda: moment)
        old = pass_of(1, "operator")
    with events() as address:
        assert refused(address, "") == 401
        assert refused(address, good[:-2] + "xx") == 401
        assert refused(address, old) == 401
        # a page of another house that got hold of it
        assert refused(address, good, "https://elsewhere.example") == 403
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/", timeout=5)


@pytest.mark.parametrize("how", ["signed-out-everywhere", "roles"])
def test_p7_who_is_sent_away_hears_nothing_from_that_moment_on(
    world: World, how: str, user_of: Callable[[str], Any]
) -> None:
    from postroom.identity.actions.change_roles import change_roles
    from postroom.identity.actions.end_sessions import sign_out_everywhere
    from postroom.identity.actor import SYSTEM

    user_of("administrator")
    person = user_of("operator")

    async def scene(address: str) -> str:
        from postroom.web.live import make_pass

        parts = urlsplit(address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        shown = make_pass(person, ORIGIN)
        writer.write(f"GET /events/stream?pass={shown} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        page = Page(reader, writer, "operator")
        assert (await page.next())[0] == "told"
        # when the administrator ends what they may do here
        if how == "roles":
            await elsewhere(change_roles, SYSTEM, person.pk, ["clerk"])
        else:
            await elsewhere(sign_out_everywhere, SYSTEM, person)
        # then the stream ends at once
        assert await page.next(2.0) == ("over", "gone")
        assert await page.next() == ("closed", "")
        writer.close()
        return shown

    with events() as address:
        shown = asyncio.run(scene(address))
        # and the pass they still hold opens nothing
        assert refused(address, shown) == 401


def test_a_database_that_goes_away_ends_the_streams_and_is_found_again(world: World, db: str, cluster: Any) -> None:
    from postroom.kernel import notices

    name = urlsplit(db).path.strip("/")

    async def scene(address: str) -> None:
        async with pages(address, 3, ("operator",)) as opened:
            # when the session that listens is cut off
            with psycopg.connect(cluster.url, autocommit=True) as session:
                session.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = %s AND application_name = 'postroom-events'",
                    (name,),
                )
            # then no page believes that it would be told
            assert [(await page.next(5))[0] for page in opened] == ["over"] * 3
        # and a little later pages are told again
        assert await asyncio.to_thread(up, address)
        async with pages(address, 1, ("operator",)) as opened:
            await elsewhere(notices.tell, notices.RUNS)
            await opened[0].until("runs")

    with events() as address:
        asyncio.run(scene(address))


# --- telling --------------------------------------------------------------------------------------------------------


@contextmanager
def listener(url: str) -> Iterator[Callable[[float], list[str]]]:
    from postroom.kernel import notices

    with psycopg.connect(url, autocommit=True) as session:
        session.execute(f"LISTEN {notices.CHANNEL}")
        yield lambda seconds: [notice.payload for notice in session.notifies(timeout=seconds)]


def test_a_thousand_changes_are_a_few_notices_and_the_last_one_is_always_told(db: str) -> None:
    from postroom.kernel import notices

    with listener(db) as heard:
        # when something changes all the time for a second, and then no more
        began = time.monotonic()
        while time.monotonic() - began < 1.2:
            notices.tell("runs")
            time.sleep(0.001)
        # then it was told at most twice a second, and once more after the last change
        told = heard(notices.PAUSE + 0.5)
        assert 3 <= len(told) <= 4
        assert set(told) == {"runs"}


def test_what_is_rolled_back_is_not_told_and_what_is_committed_is_told_after_it(db: str) -> None:
    from django.db import transaction

    from postroom.kernel import notices

    with listener(db) as heard:
        with pytest.raises(RuntimeError), transaction.atomic():
            notices.tell("runs")
            raise RuntimeError
        with transaction.atomic():
            notices.tell("deliveries")
            assert heard(0.3) == []
        assert heard(0.5) == ["deliveries"]


def test_a_command_that_ends_right_after_its_commit_has_told(db: str) -> None:
    program = (
        "from postroom.project.boot import boot; boot(migrate=False)\n"
        "from postroom.kernel import notices\n"
        "for _ in range(3): notices.tell('runs'); notices.tell('set-aside')\n"
    )
    with listener(db) as heard:
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
        assert set(heard(0.5)) == {"runs", "set-aside"}


# --- the desk -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ({"events_port": 8766}, "http://testserver:8766/events/stream"),
        ({"events_url": "https://live.example/events/stream"}, "https://live.example/events/stream"),
        ({}, ""),
    ],
)
def test_pages_may_open_the_stream_and_nothing_else(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch, setting: dict[str, Any], address: str
) -> None:
    from django.conf import settings

    from postroom.web.live import read_pass

    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=setting))
    browser = desk("operator")
    given = browser.get("/events/pass/").json()
    assert given["address"] == address
    shown = read_pass(given["pass"])
    assert (shown.roles, shown.origin) == (("operator",), "http://testserver") if address else shown is None  # type: ignore[union-attr]
    policy = browser.get("/runs/").headers["Content-Security-Policy"].split("; ")
    assert f"connect-src 'self' {address}".strip() in policy
    # customers' pages know nothing of it
    assert "connect-src 'self'" in browser.get("/portal/x/").headers["Content-Security-Policy"].split("; ")


def test_behind_a_proxy_the_stream_is_on_the_desks_own_address(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "BEHIND_PROXY", True)
    given = desk("operator").get("/events/pass/").json()
    assert given["address"] == "http://testserver/events/stream"


def test_parts_of_pages_know_what_they_are_about(world: World, desk: Desk) -> None:
    browser = desk("operator")
    run = browser.get(f"/runs/{world.run}/").content.decode()
    assert f'data-poll="run:{world.run}" hx-get' in run  # settled: it waits for notices, and does not poll
    assert 'name="postroom-live" content="/events/pass/"' in run
    assert 'data-count="set_aside" data-most="10,000+" data-grew="Records set aside: {count}">1<' in run
    assert 'data-count="runs" data-most="10,000+" hidden>0<' in run
    assert 'data-poll="runs deliveries set-aside letters"' in browser.get("/").content.decode()
