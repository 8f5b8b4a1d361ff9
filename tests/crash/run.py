"""Kill the installation at random moments and count afterwards: ``python -m tests.crash.run KILLS=10 SEED=1``.

The last line is ``kills=n lost=0 doubled=0 in_doubt=n balance=0``. The exit code is 1 when the house is not
whole, and then the line before says how to do the same again.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crash.client import Client
from crash.house import House
from crash.verdict import sum_of_balances
from crash.victims import VICTIMS, freeze


@dataclass
class Storm:
    """What happened: victims in order, runs by key with their records, and how often a run had to be posted."""

    killed: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    answers: dict[str, set[str]] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    seconds: float = 0.0


def storm(house: House, kills: int, seed: int, patience: float = 240) -> Storm:
    """``kills`` kills while runs are posted, composed and sent, then peace until all of them are settled.

    Every tenth turn nobody is killed: a worker is frozen for longer than the take-over delay.
    """
    random = Random(seed)
    names = [name for name, (_, weight) in VICTIMS.items() for _ in range(weight)]
    # Each kind once, in an order of this seed, before chance decides: 13 kills are enough to have had all.
    first = random.sample(sorted(VICTIMS), len(VICTIMS))
    done, began = Storm(), time.monotonic()
    house.serve()
    with Client(house.port, house.token, house.root) as client:
        client.post("main", house.data, house.records)
        for turn in range(20 * kills):
            if len(done.killed) >= kills:
                break
            time.sleep(random.uniform(0.1, 0.6) if random.random() < 0.25 else random.uniform(0.6, 1.6))
            if not house.running:
                house.serve()
            if turn % 10 == 9:
                freeze(house, random)
                continue
            name = first.pop() if first else random.choice(names)
            if not VICTIMS[name][0](house, random):
                first.insert(0, name)  # it was not there just then: later
            else:
                done.killed.append(name)
                sys.stderr.write(f"\r{len(done.killed)} of {kills}: {name:<20}")
        if not house.running:
            house.serve()
    done.sent, done.answers, done.tries, done.strange = client.sent, client.answers, client.tries, client.strange
    house.until_all_settled(patience)
    house.kill_all()
    done.seconds = time.monotonic() - began
    return done


def report(house: House, done: Storm) -> dict[str, Any]:
    """Hold the house of a storm against what was put in. AssertionError names what is wrong."""
    torn = {key: refs for key, refs in done.answers.items() if len(refs) != 1}
    assert not torn, f"one key, several runs: {torn}"
    return house.judge(done.sent)


def last_line(killed: int, found: dict[str, Any]) -> str:
    """What ``make crash`` ends with."""
    return (
        f"kills={killed} lost={found['lost']} doubled={found['doubled']}"
        f" in_doubt={found['in_doubt']} balance={sum_of_balances(found['facts'])}"
    )


def main(arguments: list[str]) -> int:
    """Run one storm and say how it ended."""
    wanted = {"KILLS": 10, "SEED": 1, "RECORDS": 0}
    for argument in arguments:
        name, _, value = argument.partition("=")
        if name not in wanted or not value.isdigit():
            sys.stderr.write(f"usage: python -m tests.crash.run [KILLS=n] [SEED=n] [RECORDS=n], not {argument!r}\n")
            return 2
        wanted[name] = int(value)
    records = wanted["RECORDS"] or max(300, 25 * wanted["KILLS"])
    with House(records=records, stored=True) as house:
        done = Storm()
        try:
            done = storm(house, wanted["KILLS"], wanted["SEED"], 90 + 4 * wanted["KILLS"])
            found = report(house, done)
        except AssertionError as fault:
            sys.stdout.write(f"\n{fault}\nThe same again: make crash KILLS={wanted['KILLS']} SEED={wanted['SEED']}\n")
            sys.stdout.write(f"kills={len(done.killed)} NOT WHOLE\n")
            return 1
        told = ", ".join(f"{name} {done.killed.count(name)}" for name in VICTIMS if name in done.killed)
        sys.stdout.write(f"\n{told}\n{sum(done.sent.values())} records of {len(done.sent)} runs, ")
        sys.stdout.write(f"{sum(done.tries.values())} requests, {done.seconds:.0f} s\n")
        sys.stdout.write(f"{last_line(len(done.killed), found)}\n")
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
