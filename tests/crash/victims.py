"""What can be killed in a house that serves, and how; each answers whether there was one to kill."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from random import Random

from crash import processes
from crash.house import House
from postroom.kernel import failpoints

_BACKENDS = (
    "SELECT array_agg(pid ORDER BY pid) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
#: Longer than the take-over delay of a house.
FROZEN_FOR = 3.0


def everything(house: House, random: Random) -> bool:
    """A power cut of the program: supervisor and all below it at once. It is switched on again."""
    house.kill_all()
    house.serve()
    return True


def supervisor(house: House, random: Random) -> bool:
    """Only the supervisor. What it had started must end by itself, or two of each would work from now on."""
    assert house.program is not None
    orphans = {pid: processes.command(pid) for pid in processes.descendants(house.program.pid)}
    workers = {pid: words for pid, words in orphans.items() if "worker" in words or "granian" in words}
    house.program.kill()
    house.program.wait(30)
    for _ in processes.waiting(40):
        if not any(processes.alive(pid, words) for pid, words in workers.items()):
            house.serve()
            return True
    raise AssertionError(f"these outlived their supervisor: {workers}\n{house.logs()}")


def member(role: str) -> Callable[[House, Random], bool]:
    """One process of a role; its supervisor lives."""

    def kill(house: House, random: Random) -> bool:
        found = house.members(role)
        if found:
            processes.kill(random.choice(found))
        return bool(found)

    return kill


def postmaster(house: House, random: Random) -> bool:
    """PostgreSQL's first process; the others of it end when they notice."""
    return house.kill_database()


def immediate(house: House, random: Random) -> bool:
    """PostgreSQL's immediate shutdown, in the middle of every transaction."""
    return house.kill_database(signal.SIGQUIT)


def backend(house: House, random: Random) -> bool:
    """One session's process; PostgreSQL then throws out all others and recovers."""
    found = house.ask(_BACKENDS)
    if found:
        processes.kill(random.choice(found))
    return bool(found)


def s3(house: House, random: Random) -> bool:
    """The store. It comes back after a while, on the same ports."""
    if house.s3 is None:
        return False
    house.s3.kill()
    time.sleep(random.uniform(0.5, 2.0))
    house.s3.start()
    return True


def at_a_named_place(house: House, random: Random) -> bool:
    """Whoever comes by one of the named places first."""
    places = [*failpoints.NAMES * 2, "after-close", *failpoints.LEDGER]
    if house.s3 is not None:
        places += failpoints.UPKEEP[1:]
    for place in random.sample(places, 3):
        house.arm(place)
        if house.met(3):
            return True
    return False


def freeze(house: House, random: Random) -> None:
    """Stop a worker for longer than the take-over delay, and let it go on as if nothing had been."""
    found = house.members(random.choice(("render", "deliver")))
    if found:
        pid = random.choice(found)
        processes.kill(pid, signal.SIGSTOP)
        time.sleep(FROZEN_FOR)
        processes.kill(pid, signal.SIGCONT)


#: Name, how to kill it, and how often in thirty.
VICTIMS: dict[str, tuple[Callable[[House, Random], bool], int]] = {
    "everything": (everything, 2),
    "supervisor": (supervisor, 1),
    "web": (member("web"), 3),
    "events": (member("events"), 1),
    "render": (member("render"), 4),
    "deliver": (member("deliver"), 3),
    "read": (member("read"), 2),
    "sweep": (member("sweep"), 3),
    "postmaster": (postmaster, 1),
    "immediate": (immediate, 1),
    "backend": (backend, 1),
    "s3": (s3, 1),
    "at a named place": (at_a_named_place, 8),
}
