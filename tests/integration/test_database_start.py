"""The embedded database: made once, found again by everybody, stopped by the last user."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from database_kit import NOBODY, a_home, a_made_home, heard, needs_root, run, spawn

from postroom.kernel import database
from postroom.kernel.errors import ExitCode
from postroom.kernel.home import Home

START = "began = time.monotonic(); url = start(); done(url=url, took=time.monotonic() - began)"


@pytest.fixture
def home() -> Iterator[Home]:
    with a_made_home() as made:
        yield made


def test_a_first_start_makes_a_safe_cluster_and_the_second_finds_it() -> None:
    with a_home() as home:
        first = run(home, START)
        second = run(home, START)

        assert second["took"] < first["took"]  # it makes nothing again; `benchmarks/startup.py` measures how long
        assert first["url"] == second["url"] == database.url(home)
        with psycopg.connect(first["url"]) as connection:
            rows = connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)",
                [
                    [
                        *("server_encoding", "data_checksums", "fsync", "synchronous_commit", "full_page_writes"),
                        *(
                            "jit",
                            "listen_addresses",
                            "shared_buffers",
                            "max_connections",
                            "wal_compression",
                            "TimeZone",
                        ),
                    ]
                ],
            ).fetchall()
            upper = connection.execute("SELECT upper('grüße') AS word, 'Z' < 'a' AS bytewise").fetchone()
            who = connection.execute("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
            connection.execute("CREATE EXTENSION pg_trgm")
            connection.execute("CREATE EXTENSION unaccent")
        assert dict(rows) == {
            "server_encoding": "UTF8",
            "data_checksums": "on",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "jit": "off",
            "listen_addresses": "",
            "shared_buffers": str(256 * 1024 // 8),
            "max_connections": "100",
            "wal_compression": "pglz",
            "TimeZone": "UTC",
        }
        assert upper == ("GRÜSSE", True) or upper == ("GRÜßE", True)
        assert who == ("postroom", False)
        assert (home.root / "run").stat().st_mode & 0o777 == 0o700


def test_two_first_starts_at_the_same_moment_make_one_database() -> None:
    with a_home() as home:
        starters = [spawn(home, START) for _ in range(3)]
        facts = [heard(each) for each in starters]
        for each in starters:
            each.communicate(timeout=20)

        assert len({each["url"] for each in facts}) == 1
        assert [path.name for path in home.database.glob("data*")] == ["data"]
        with psycopg.connect(facts[0]["url"], user="postgres") as connection:
            started = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
            assert started.fetchone() == (1,)


def test_url_and_status_look_without_starting(home: Home) -> None:
    with pytest.raises(database.DatabaseDown) as down:
        database.url(home)
    before = database.status(home)
    database.start(home)
    after = database.status(home)

    assert down.value.exit_code == ExitCode.UNAVAILABLE
    assert down.value.hint
    assert (before.running, before.pid, before.major) == (False, None, after.major)
    assert after.running
    assert after.pid
    assert after.sockets == home.root / "run"
    assert after.data == home.database / "data"
    assert not after.external
    assert (database.bin_dir(home) / "pg_dump").exists()


def test_status_before_the_first_start_names_what_would_be_used() -> None:
    with a_home() as home:
        found = database.status(home)
        assert found.provider != "none"
        assert not found.running
        assert not home.root.exists()


def test_only_the_last_user_stops_the_server_and_a_killed_one_does_not_count(home: Home) -> None:
    database.start(home)
    other = spawn(home, "start(); done(); time.sleep(60)")
    heard(other)

    assert not database.stop(home), "another process uses it"
    assert database.status(home).running
    database.start(home)
    other.kill()
    other.communicate()
    assert database.stop(home), "the other one is dead, so we are the last"
    assert not database.status(home).running
    assert not database.stop(home), "there is nothing left to stop"


def test_a_process_that_never_started_it_may_stop_an_unused_server(home: Home) -> None:
    run(home, START)
    assert database.stop(home)


def test_forked_children_are_no_users(home: Home) -> None:
    facts = run(
        home,
        "start()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    time.sleep(30)\n"
        "    os._exit(0)\n"
        "stopped = database.stop(home)\n"
        "os.kill(child, signal.SIGKILL)\n"
        "done(stopped=stopped)",
    )
    assert facts["stopped"]


def test_own_settings_are_kept_over_restarts(home: Home) -> None:
    (home.database / "local.conf").write_text("max_connections = 37\n", encoding="utf-8")
    url = database.start(home)
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW max_connections").fetchone() == ("37",)


def test_the_server_writes_its_log_into_the_home_without_statements(home: Home) -> None:
    url = database.start(home)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (mail text PRIMARY KEY)")
        connection.execute("INSERT INTO people VALUES ('eve@example.org')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES ('eve@example.org')")

    # The server hands its lines to a collector process, which writes them a moment later: the stop flushes them.
    assert database.stop(home)
    text = "".join(log.read_text(encoding="utf-8") for log in (home.logs / "database").glob("postgresql-*.log"))
    assert "duplicate key value" in text
    assert "eve@example.org" not in text


@pytest.mark.parametrize(
    "name",
    ["x" * 120, "with space", "a,b", "it's", "grüße", "100%"],
    ids=["long", "space", "comma", "quote", "letters", "percent"],
)
def test_any_home_path_gets_a_socket_that_works(name: str) -> None:
    with a_made_home(name) as home:
        url = database.start(home)
        sockets = database.status(home).sockets

        assert sockets is not None
        assert sockets != home.root / "run"
        assert len(os.fsencode(sockets / ".s.PGSQL.5432")) <= 107
        assert sockets.stat().st_mode & 0o777 == 0o700
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert database.stop(home)
        assert database.start(home) == url, "the same home has the same folder"
        database.stop(home)
        sockets.rmdir()


@needs_root
def test_nobody_can_squat_the_socket_folder() -> None:
    with a_made_home("x" * 120) as home:
        database.start(home)
        usual = database.status(home).sockets
        assert usual is not None
        database.stop(home)
        usual.rmdir()
        usual.mkdir(mode=0o777)
        os.chown(usual, NOBODY, NOBODY)
        said: list[str] = []

        database.start(home, said.append)

        taken = database.status(home).sockets
        assert taken is not None
        assert taken != usual
        assert taken.stat().st_uid == (home.database / "data").stat().st_uid
        assert taken.stat().st_mode & 0o777 == 0o700
        assert any("belongs to somebody else" in each for each in said)
        assert not list(usual.iterdir())
        database.stop(home)
        usual.rmdir()
        taken.rmdir()


def test_a_named_database_is_checked_and_returned_as_it_is(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    url = database.start(home)
    with a_home("other") as other:
        monkeypatch.setenv("DATABASE_URL", url)

        assert database.start(other) == url
        assert database.url(other) == url
        assert not database.stop(other)
        found = database.status(other)
        assert found.external
        assert found.running
        assert found.major == int(str(found.version).split(".")[0])
        assert (database.bin_dir(other) / "pg_restore").exists()
        assert not other.root.exists()
    monkeypatch.delenv("DATABASE_URL")
    assert database.status(home).running


def test_a_named_database_that_is_silent_or_strange_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_home() as home:
        monkeypatch.setenv("DATABASE_URL", "postgresql://clerk:hunter2@127.0.0.1:1/postroom")
        with pytest.raises(database.DatabaseDown, match=r"database postroom on 127\.0\.0\.1:1") as down:
            database.start(home)
        assert "hunter2" not in str(down.value.problem())
        assert not database.status(home).running

        for strange in ("mysql://localhost/x", "postgresql://clerk:hunter2@[::1", "postgresql:///x?bogus=1"):
            monkeypatch.setenv("DATABASE_URL", strange)
            with pytest.raises(database.BadDatabaseUrl) as bad:
                database.start(home)
            assert "hunter2" not in str(bad.value.problem())


def test_a_second_start_in_a_running_house_is_quick(home: Home) -> None:
    database.start(home)
    began = time.monotonic()
    for _ in range(20):
        database.start(home)
    assert (time.monotonic() - began) / 20 < 0.1


def test_old_logs_are_dropped(home: Home) -> None:
    logs = home.logs / "database"
    for number in range(40):
        (logs / f"postgresql-20200101-0000{number:02}.log").touch()
    database.start(home)
    assert len(list(Path(logs).glob("postgresql-2020*.log"))) <= 20
