"""Whole houses with real processes: two starts at once, a database that freezes or dies, a disk that fills up."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from crash.house import House
from crash.processes import command, descendants
from postroom.kernel import database
from postroom.kernel.home import Home
from servers import missing

pytestmark = pytest.mark.slow


@pytest.fixture
def fresh() -> Iterator[Home]:
    """A home nobody has used, with a short path for the database's socket."""
    home = Home(Path(tempfile.mkdtemp(prefix="pr-fresh-")) / "home")
    yield home
    database.stop(home, lambda _: None)
    shutil.rmtree(home.root.parent, ignore_errors=True)


def _environment(home: Home) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("POSTROOM_", "DATABASE_"))}
    return {**kept, "POSTROOM_HOME": str(home.root), "POSTROOM_RENDER_WORKERS": "1"}


def _begin(home: Home, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "postroom.cli.app", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(home),
    )


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _workers(program: int) -> list[int]:
    """The workers among a program's descendants. What it asks of other programs before them comes and goes."""
    return [pid for pid in descendants(program) if "worker" in command(pid)]


def _gone(pids: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(_alive(pid) for pid in pids)


def test_p3_two_runs_at_the_same_moment_on_a_fresh_home_both_end_well(fresh: Home, tmp_path: Path) -> None:
    # given two different files and a home nobody has used
    from api_kit import records

    paths = []
    for number in (1, 2):
        made = [{**record, "number": f"N-{number}-{place}"} for place, record in enumerate(records(20 * number))]
        paths.append(tmp_path / f"{number}.jsonl")
        paths[-1].write_text("\n".join(json.dumps(record) for record in made))
    # when both are run at the same moment
    began = [_begin(fresh, "run", "invoice", str(path), "--json", "--timeout", "100") for path in paths]
    ended = [process.communicate(timeout=120) for process in began]
    # then one database was made, both runs end, and each balances
    for process, (out, err), received in zip(began, ended, (20, 40), strict=True):
        assert process.returncode == 0, err
        body = json.loads(out)
        assert (body["received"], body["completed"]) == (received, received)
        assert (body["balance"], body["deliveries"]["balance"]) == (0, 0)


def test_a_second_serve_is_refused_and_a_killed_one_leaves_nothing_behind(fresh: Home) -> None:
    # given an installation that is served
    first = _begin(fresh, "serve", "--port", "0")
    try:
        assert first.stdout is not None
        address = first.stdout.readline().split(" at ")[1].split()[0]
        # when it is served a second time, then that is refused, and says by whom
        second = _begin(fresh, "serve", "--port", "0")
        _, told = second.communicate(timeout=60)
        assert second.returncode == 6, told
        assert f"already running for {fresh.root} (pid {first.pid})" in told
        # when the first is killed, the supervisor alone, then its workers and its web server end too
        children = descendants(first.pid)
        first.kill()
        first.communicate(timeout=10)
        assert _gone(children, 40), "children outlive their supervisor"
        with pytest.raises(OSError):
            urllib.request.urlopen(f"{address}/healthz", timeout=2)
    finally:
        first.kill()
        first.communicate(timeout=10)


def test_workers_of_a_supervisor_that_dies_at_once_do_not_stay(fresh: Home, tmp_path: Path) -> None:
    # given a house whose program is killed before its workers have begun to serve
    with House(records=5) as house:
        house.start()
        assert house.program is not None
        deadline = time.monotonic() + 20
        while not (children := _workers(house.program.pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert children
        house.program.kill()
        house.program.wait(10)
        # then they notice, however early it was
        assert _gone(children, 30)
        house.until_settled()
        house.judge()


def test_p3_a_database_that_freezes_and_then_dies_costs_nothing(tmp_path: Path) -> None:
    # given a run in the middle
    with House(records=200) as house:
        house.start()
        time.sleep(5)
        postmaster = database.status(house.home).pid
        assert postmaster is not None
        frozen = [postmaster, *descendants(postmaster)]
        # when the whole database stands still for eight seconds, longer than the take-over delay
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(8)
        for pid in reversed(frozen):
            os.kill(pid, signal.SIGCONT)
        time.sleep(1)
        # and is stopped by somebody a moment later
        if house.running:
            os.kill(postmaster, signal.SIGINT)
        house.until_settled()
        # then nothing is lost and nothing came twice
        house.judge()


def test_p3_a_disk_that_is_really_full_makes_the_run_wait(tmp_path: Path) -> None:
    # given a vault on a disk of its own that is too small for the run
    if os.geteuid() != 0:
        missing("a disk of one's own needs root")
    with House(records=150) as house:
        vault, aside = house.home.vault, house.root / "aside"
        vault.rename(aside)
        vault.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(vault)], capture_output=True, check=False
        )
        if mounted.returncode != 0:
            aside.rename(vault) if not any(vault.iterdir()) and not vault.rmdir() else None
            missing("this machine mounts no tmpfs")
        try:
            shutil.copytree(aside, vault, dirs_exist_ok=True)
            # when it runs, then it waits, and says why in its log
            house.start()
            deadline = time.monotonic() + 40
            while "no room left" not in house.logs() and time.monotonic() < deadline:
                assert house.running, house.logs()
                time.sleep(0.2)
            assert "no room left" in house.logs()
            # when there is room, then it goes on by itself
            subprocess.run(["mount", "-o", "remount,size=64m", str(vault)], check=True)
            assert house.wait(90), house.logs()
            house.judge()
        finally:
            house.kill_all()
            time.sleep(0.3)
            subprocess.run(["umount", "-l", str(vault)], check=False)
