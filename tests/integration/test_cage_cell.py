"""Real cells, real attacks: a bad job costs its own result and nothing else (P10)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from postroom.cage import Answer, Cell, CellNotStarted, Fault, JobFailed, JobStopped, NotPlain
from postroom.cage.errors import BenchRefused, CellBusy


@pytest.fixture
def cell() -> Iterator[Cell]:
    with Cell("probe", {}, deadline=5.0, memory=512 << 20) as cell:
        yield cell


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not alive(pid):
            return True
        time.sleep(0.01)
    return False


def test_values_and_bytes_come_back_as_they_went(cell: Cell) -> None:
    blob = os.urandom(3 << 20)  # more than any socket buffer holds
    assert cell.call({"op": "echo", "value": {"ä": [1, None, "12.50"]}}, [blob, b""]) == Answer(
        {"ä": [1, None, "12.50"]}, (blob, b"")
    )


def test_many_big_jobs_do_not_jam_the_pipe(cell: Cell) -> None:
    blob = bytes(1 << 20)
    results = list(cell.call_many(({"op": "echo", "value": number}, [blob]) for number in range(40)))
    assert [result.value for result in results if isinstance(result, Answer)] == list(range(40))


@pytest.mark.parametrize(
    ("op", "code"), [("loop", "deadline"), ("memory", "memory"), ("abort", "crashed"), ("exit", "crashed")]
)
def test_p10_a_poison_job_in_a_chunk_of_200_costs_one_result(cell: Cell, op: str, code: str) -> None:
    cell.deadline = 2.0
    jobs = [{"op": op} if number == 100 else {"op": "echo", "value": number} for number in range(200)]
    results = list(cell.call_many(jobs))
    fault = results.pop(100)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert fault.reason
    assert [result.value for result in results if isinstance(result, Answer)] == [*range(100), *range(101, 200)]


def test_a_fault_of_the_bench_keeps_its_place_and_its_hint_and_the_cell_lives(cell: Cell) -> None:
    before = cell.pid
    fault, after = cell.call_many([{"op": "fault"}, {"op": "echo"}])
    assert fault == Fault("made-up", "A fault was asked for.", "Ask for something else.", "main.typ:3:7")
    assert isinstance(after, Answer)
    assert cell.pid == before


def test_one_job_raises_its_fault(cell: Cell) -> None:
    with pytest.raises(JobFailed) as failed:
        cell.call({"op": "fault"})
    assert failed.value.hint == "Ask for something else."
    cell.deadline = 0.3
    with pytest.raises(JobStopped, match=r"after 0\.3 seconds"):
        cell.call({"op": "loop"})


def test_a_bug_of_the_bench_is_named(cell: Cell) -> None:
    with pytest.raises(JobFailed, match="KeyError: 'missing'"):
        cell.call({"op": "bug"})


def test_p9_a_decimal_is_refused_at_the_door_of_the_cage(cell: Cell) -> None:
    with pytest.raises(NotPlain, match="Decimal"):
        cell.call({"op": "echo", "value": Decimal("1.10")})
    assert cell.call({"op": "echo", "value": 1}).value == 1


def test_a_cell_killed_while_idle_is_replaced_and_no_job_is_blamed(cell: Cell) -> None:
    assert cell.pid is not None
    os.kill(cell.pid, signal.SIGKILL)
    time.sleep(0.05)
    assert cell.call({"op": "echo", "value": 1}).value == 1


def test_a_cell_killed_by_somebody_else_during_a_job_gets_a_second_chance(cell: Cell) -> None:
    pid = cell.pid
    assert pid is not None
    threading.Timer(0.2, os.kill, (pid, signal.SIGKILL)).start()
    assert cell.call({"op": "nap", "seconds": 0.5}) == Answer(None)
    assert cell.pid != pid


def test_a_chunk_given_up_half_way_leaves_no_old_answers(cell: Cell) -> None:
    results = cell.call_many({"op": "echo", "value": number} for number in range(100))
    next(results)
    results.close()
    assert cell.call({"op": "echo", "value": "fresh"}).value == "fresh"


def test_two_users_at_once_are_told(cell: Cell) -> None:
    results = cell.call_many({"op": "echo"} for _ in range(100))
    next(results)
    with pytest.raises(CellBusy):
        cell.call({"op": "echo"})


def test_a_bench_that_refuses_its_setup_says_why_with_its_place() -> None:
    with pytest.raises(BenchRefused, match="asked to refuse") as refused:
        Cell("probe", {"refuse": True})
    assert refused.value.context["where"] == "setup:1:1"


def test_a_cell_without_enough_memory_to_start_says_so() -> None:
    with pytest.raises(CellNotStarted):
        Cell("rules", {}, memory=1 << 20)  # its engine is a library that has to be mapped


def test_a_bench_that_is_not_installed_is_named() -> None:
    with pytest.raises(CellNotStarted, match=r"postroom\.cage\.nowhere"):
        Cell("postroom.cage.nowhere:Bench", {})


def test_closing_ends_the_process_and_removes_its_folder(cell: Cell) -> None:
    assert cell.pid is not None
    pid, folder = cell.pid, Path(f"/proc/{cell.pid}/cwd").resolve()
    assert folder.is_dir()
    assert not list(folder.iterdir())
    cell.close()
    cell.close()
    assert not alive(pid)
    assert not folder.exists()


def test_a_cell_started_by_a_thread_outlives_that_thread() -> None:
    """The parent-death signal follows threads, not processes (prctl(2)); `spawn` keeps one that stays."""
    made: list[Cell] = []
    thread = threading.Thread(target=lambda: made.append(Cell("probe", {})))
    thread.start()
    thread.join()
    time.sleep(0.1)
    with made[0] as cell:
        pid = cell.pid
        assert cell.call({"op": "echo", "value": 1}).value == 1
        assert cell.pid == pid


@pytest.mark.skipif(sys.platform != "linux", reason="parent-death signal is Linux")
@pytest.mark.parametrize("op", ["nap", "loop"])
def test_p10_kill_9_of_the_keeper_leaves_no_cell(op: str) -> None:
    script = f"""
import sys
from postroom.cage import Cell
cell = Cell("probe", {{}}, deadline=60)
print(cell.pid, flush=True)
cell.call({{"op": {op!r}, "seconds": 60}})
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as keeper:
        assert keeper.stdout is not None
        pid = int(keeper.stdout.readline())
        time.sleep(0.1)
        assert alive(pid)
        keeper.kill()
        keeper.wait()
        assert gone_within(pid, 3)


def test_a_fork_of_the_keeper_does_not_end_the_cell(cell: Cell) -> None:
    child = os.fork()
    if child == 0:
        cell.close()
        os._exit(0)
    os.waitpid(child, 0)
    pid = cell.pid
    assert cell.call({"op": "echo", "value": 1}).value == 1
    assert cell.pid == pid
