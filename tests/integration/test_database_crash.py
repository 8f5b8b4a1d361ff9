"""The embedded database after every kind of death: what was committed is there, and the next start just works."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from database_kit import a_home, a_made_home, heard, run, spawn, until

from postroom.kernel import database
from postroom.kernel.database import server
from postroom.kernel.home import Home

ROWS = "SELECT count(*) FROM kept"


@pytest.fixture
def home() -> Iterator[Home]:
    with a_made_home() as made:
        yield made


def _fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")


def _count(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute(ROWS).fetchone()


def _pid(home: Home) -> int:
    pid = database.status(home).pid
    assert pid
    return pid


def test_the_program_killed_the_server_lives_on_and_is_found(home: Home) -> None:
    program = spawn(home, "url = start(); done(url=url); time.sleep(60)")
    url = heard(program)["url"]
    _fill(url)
    before = _pid(home)

    program.kill()
    program.communicate()
    again = database.start(home)

    assert again == url
    assert _pid(home) == before
    assert _count(again) == (1000,)


def test_the_server_killed_the_next_start_recovers(home: Home) -> None:
    url = database.start(home)
    _fill(url)
    os.kill(_pid(home), signal.SIGKILL)
    assert (home.database / "data" / "postmaster.pid").exists()
    assert (home.root / "run" / ".s.PGSQL.5432").exists()

    began = time.monotonic()
    again = database.start(home)

    assert time.monotonic() - began < 5
    assert again == url
    assert _count(again) == (1000,)


def test_a_stale_pid_that_is_somebody_else_now_is_no_server(home: Home) -> None:
    url = database.start(home)
    _fill(url)
    old = _pid(home)
    os.kill(old, signal.SIGKILL)
    until(lambda: not server.running(home))
    stranger = subprocess.Popen(["sleep", "60"], user=(home.database / "data").stat().st_uid)
    try:
        for stale in (home.database / "data" / "postmaster.pid", home.root / "run" / ".s.PGSQL.5432.lock"):
            stale.write_text(stale.read_text().replace(str(old), str(stranger.pid)))

        assert not database.status(home).running
        assert _count(database.start(home)) == (1000,)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_backend_that_outlives_its_server_is_ended_first(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_ORPHAN_SECONDS", 1)
    url = database.start(home)
    _fill(url)
    said: list[str] = []
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        os.kill(_pid(home), signal.SIGKILL)
        until(lambda: not server.running(home))

        assert _count(database.start(home, said.append)) == (1000,)

    assert not server.works_in(backend, home.database / "data")
    assert any("killed database server had left behind" in each for each in said)


def test_a_server_that_somebody_else_runs_on_the_same_folder_is_respected(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another container sees neither our processes nor our sockets; the lock on the folder is all it has."""
    monkeypatch.setattr(server, "_ORPHAN_SECONDS", 0.2)
    url = database.start(home)
    _fill(url)
    pid = _pid(home)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(server, "works_in", lambda *_: False)
        with pytest.raises(database.DatabaseFailed, match="Another database server works on"):
            database.start(home)
    assert _pid(home) == pid
    assert _count(url) == (1000,)


def test_a_lost_socket_means_a_restart(home: Home) -> None:
    url = database.start(home)
    _fill(url)
    before = _pid(home)
    (home.root / "run" / ".s.PGSQL.5432").unlink()
    said: list[str] = []

    with pytest.raises(database.DatabaseDown):
        database.url(home)
    assert _count(database.start(home, said.append)) == (1000,)
    assert _pid(home) != before
    assert any("cannot be reached" in each for each in said)


def test_a_restart_under_the_feet_of_a_user(home: Home) -> None:
    user = spawn(
        home,
        "url = start()\n"
        "connection = psycopg.connect(url)\n"
        "done()\n"
        "sys.stdin.readline()\n"
        "try:\n"
        "    connection.execute('SELECT 1')\n"
        "    broken = False\n"
        "except psycopg.OperationalError:\n"
        "    broken = True\n"
        "with psycopg.connect(url) as fresh:\n"
        "    rows = fresh.execute('SELECT count(*) FROM kept').fetchone()[0]\n"
        "done(broken=broken, rows=rows, same=start() == url)\n"
        "sys.stdin.readline()\n",
    )
    heard(user)
    _fill(database.start(home))
    os.kill(_pid(home), signal.SIGKILL)
    database.start(home)

    assert user.stdin is not None
    user.stdin.write("\n")
    user.stdin.flush()
    facts = heard(user)

    assert facts == {"broken": True, "rows": 1000, "same": True, "said": []}
    assert not database.stop(home), "the user counts as one over the restart"
    user.communicate("\n", timeout=20)
    assert database.stop(home)


def test_a_start_cut_in_the_middle_of_recovery_is_taken_up(home: Home) -> None:
    """The starter dies right after the server was born, before its socket stands."""
    run(home, "start(); done()")
    os.kill(_pid(home), signal.SIGKILL)
    starter = spawn(home, "start(); done(); time.sleep(60)")
    until(lambda: server.running(home))
    starter.kill()
    starter.communicate()

    assert database.start(home) == database.url(home)


@pytest.mark.parametrize("both", [True, False], ids=["initdb-killed-too", "initdb-goes-on"])
def test_a_first_start_cut_short_is_set_aside_and_made_anew(both: bool) -> None:
    with a_home() as home:
        data = home.database / "data"
        starter = spawn(home, "start(); done()")
        until(lambda: (data / "base").exists())
        child = _child_of(starter.pid)
        os.kill(starter.pid, signal.SIGKILL)
        if both:
            for pid in (child, *_children(child)):
                os.kill(pid, signal.SIGKILL)
        starter.communicate()
        said: list[str] = []

        url = database.start(home, said.append)

        aside = [path for path in home.database.iterdir() if path.name.startswith("data.incomplete-")]
        assert len(aside) == 1
        assert (aside[0] / "base").exists(), "moved, not deleted"
        assert any(str(aside[0]) in each for each in said)
        _fill(url)
        assert _count(url) == (1000,)


def test_the_marker_decides_planted_fault(home: Home) -> None:
    """Given a cluster whose marker was taken away, then it is not used and not deleted."""
    _fill(database.start(home))
    database.stop(home)
    (home.database / "data" / "postroom.complete").unlink()

    url = database.start(home, lambda _: None)

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)
    assert len(list(home.database.glob("data.incomplete-*/PG_VERSION"))) == 1


def test_a_configuration_that_stops_the_server_is_told_in_its_own_words(home: Home) -> None:
    (home.database / "local.conf").write_text("max_connections = many\n", encoding="utf-8")
    with pytest.raises(database.DatabaseFailed, match="max_connections") as failed:
        database.start(home)
    assert str(home.logs / "database") in failed.value.hint
    (home.database / "local.conf").write_text("", encoding="utf-8")
    assert database.start(home)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(each) for each in task.read_text().split()]
        except OSError:
            continue
    return found


def _child_of(pid: int) -> int:
    return int(until(lambda: _children(pid))[0])
