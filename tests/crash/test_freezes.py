"""P4: a worker that is frozen, taken over and revived neither sends nor commits what is no longer its own."""

from __future__ import annotations

import signal

import pytest

from crash import processes
from crash.house import House

slow = pytest.mark.slow

#: What a network that swallows packets does to a frozen worker: the server ends the session of its lock.
_CUT = (
    "SELECT bool_or(pg_terminate_backend(l.pid)) FROM pg_locks l JOIN worker w ON l.objid = w.lock"
    " WHERE l.locktype = 'advisory' AND l.granted AND w.pid = %s"
)
_SETTLED = "SELECT bool_and(state = 'settled') FROM run"


def _freeze_and_revive(house: House, roles: str, place: str, mutation: str = "") -> None:
    """One worker freezes at ``place``; the others take over, finish the run, and then it goes on."""
    house.python("-m", "crash.program", "none", "run", "invoice", str(house.data), *_NO_WAIT)
    house.worker("read,sweep", "reader")
    if roles != "render":
        house.worker("render", "composer")
        house.until("SELECT bool_and(state = 'done') FROM run_chunk", 60)
    house.arm(f"{place}:stop")
    frozen = house.worker(roles, "frozen", mutation)
    assert house.met(40) == frozen.pid, house.logs()
    # ``kill -STOP`` alone takes nothing from it: its session stands, and PostgreSQL sees that it lives (ADR 0013)
    assert processes.stopped(frozen.pid)
    assert house.ask(_CUT, frozen.pid) is True
    house.worker(roles, "successor")
    if roles == "render":
        house.worker("deliver", "postman")
    house.until(_SETTLED, 60)
    processes.kill(frozen.pid, signal.SIGCONT)
    # It notices that its lock is gone, ends, and would be started again. A mutant has sent or committed by then.
    assert frozen.wait(40) == 75, house.logs()


_NO_WAIT = ("--run-key", "main", "--to", "letters", "--no-wait", "--json")


@slow
@pytest.mark.parametrize(("roles", "place"), [("deliver", "after-intent"), ("render", "after-fsync")])
def test_p4_a_revived_worker_neither_sends_nor_commits(roles: str, place: str) -> None:
    # given a worker that froze with a delivery, or a chunk, in its hands, and whose session was cut
    with House(records=20) as house:
        # when another takes over after the delay, everything is settled, and the frozen one is revived
        _freeze_and_revive(house, roles, place)
        # then nothing arrived twice, and no record has two documents
        assert house.judge()["lost"] == 0


@slow
@pytest.mark.parametrize(
    ("roles", "place", "mutation", "complaint"),
    [
        ("deliver", "after-intent", "drop-require", "more than once"),
        ("render", "after-fsync", "drop-claim", "exactly one document|received|working"),
    ],
)
def test_planted_a_revived_worker_that_does_not_ask_is_found_out(
    roles: str, place: str, mutation: str, complaint: str
) -> None:
    # given the same, and a worker that does not ask whether it is still in charge
    with House(records=20) as house:
        _freeze_and_revive(house, roles, place, mutation)
        # when the house is judged, then it is found out
        with pytest.raises(AssertionError, match=complaint):
            house.judge()
