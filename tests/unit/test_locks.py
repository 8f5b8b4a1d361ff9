"""Locks: exclusive and shared, with a time limit, freed by any kind of death, never kept by a child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postroom.kernel.errors import ExitCode
from postroom.kernel.home import Home
from postroom.kernel.locks import AlreadyRunning, FileLock, LockTimeout, only_one

_HOLDER = """
import sys, time
from pathlib import Path
from postroom.kernel.home import Home
from postroom.kernel.locks import FileLock, only_one
{take}
print("held", flush=True)
{then}
time.sleep(60)
"""


@contextmanager
def _holder(take: str, *, then: str = "") -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a lock until it is killed."""
    code = _HOLDER.format(take=take, then=then)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def _exclusive(path: Path) -> str:
    return f"lock = FileLock(Path({str(path)!r})); lock.acquire(); lock.sign()"


def test_an_exclusive_lock_keeps_others_out_and_a_kill_9_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    mine = FileLock(path)
    with _holder(_exclusive(path)) as other:
        assert not mine.acquire(blocking=False)
        assert not mine.held
        assert mine.holder() == f"pid {other.pid}"
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert mine.acquire(blocking=False)
    mine.release()


def test_shared_holders_stand_together_and_against_an_exclusive_one(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    first, second, third = FileLock(path), FileLock(path), FileLock(path)
    assert first.acquire(shared=True)
    assert second.acquire(shared=True)
    assert not third.acquire(blocking=False)
    second.release()
    assert first.acquire(blocking=False), "the last shared holder can become the exclusive one"
    assert not third.acquire(shared=True, blocking=False)
    first.release()


def test_a_failed_upgrade_leaves_nothing_held(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    first, second = FileLock(path), FileLock(path)
    first.acquire(shared=True)
    second.acquire(shared=True)
    assert not first.acquire(blocking=False)
    assert not first.held
    assert second.acquire(blocking=False)
    second.release()


def test_waiting_ends_at_the_time_limit_and_names_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with _holder(_exclusive(path)) as other:
        began = time.monotonic()
        with pytest.raises(LockTimeout, match=f"pid {other.pid}"), FileLock(path).holding(timeout=0.2):
            pass
        assert 0.2 <= time.monotonic() - began < 2


def test_waiting_ends_when_the_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with _holder(_exclusive(path), then="time.sleep(0.3); lock.release()"), FileLock(path).holding(timeout=10) as mine:
        assert mine.held


def test_a_forked_child_does_not_keep_the_lock_of_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    fork = "import os\nif os.fork() == 0:\n    time.sleep(3)\n    os._exit(0)"
    with _holder(f"{_exclusive(path)}\n{fork}") as parent:
        parent.kill()
        parent.wait()
        with FileLock(path).holding(timeout=1) as mine:
            assert mine.held


def test_a_program_started_by_us_holds_the_lock_only_when_it_is_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    for handed in (False, True):
        with FileLock(path).holding() as mine:
            passed = (mine.fileno(),) if handed else ()
            child = subprocess.Popen(["sleep", "30"], pass_fds=passed)
        try:
            assert FileLock(path).acquire(blocking=False) is not handed
        finally:
            child.kill()
            child.wait()


def test_fileno_of_a_free_lock_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not locked"):
        FileLock(tmp_path / "a.lock").fileno()


def test_only_one_serve_runs_per_home_and_the_refusal_names_it(tmp_path: Path) -> None:
    take = f"lock = only_one(Home(Path({str(tmp_path)!r})), 'serve')"
    with _holder(take) as other:
        with pytest.raises(AlreadyRunning, match=rf"postroom serve is already running .*pid {other.pid}") as refused:
            only_one(Home(tmp_path), "serve")
        assert refused.value.exit_code == ExitCode.CONFLICT
        assert refused.value.context["pid"] == other.pid
        only_one(Home(tmp_path), "worker-1").release()
        other.kill()
        other.wait()
        mine = only_one(Home(tmp_path), "serve")
    assert mine.holder() == f"pid {os.getpid()}"
    mine.release()


def test_another_home_is_another_house(tmp_path: Path) -> None:
    first = only_one(Home(tmp_path / "a"), "serve")
    second = only_one(Home(tmp_path / "b"), "serve")
    assert first.held
    assert second.held
    first.release()
    second.release()
