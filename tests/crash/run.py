"""Kill the program at random moments and count afterwards: ``python -m tests.crash.run KILLS=10 SEED=1``.

The last line is ``kills=n lost=0 doubled=0 in_doubt=n balance=0``. The exit code is 1 when the house is not
whole.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crash.house import House

#: What is killed, and how often in twenty.
VICTIMS = ("all",) * 9 + ("render",) * 4 + ("deliver",) * 4 + ("database",) * 3


def storm(house: House, kills: int, seed: int) -> list[str]:
    """``kills`` kills at random moments of a run, then peace until it is settled. What was killed, in order."""
    random = Random(seed)
    killed: list[str] = []
    idle = 0
    house.start()
    while len(killed) < kills and idle < 3:
        victim = random.choice(VICTIMS)
        # Workers need about two seconds to begin; a kill before that is worth having, but only now and then.
        time.sleep(random.uniform(0.2, 1.5) if random.random() < 0.2 else random.uniform(2.0, 4.5))
        if not house.running:
            idle += 1  # settled already, or it ended by itself: start it again, there may be more to do
            house.start()
            continue
        if victim == "all":
            house.kill_all()
            house.start()
        elif victim == "database":
            if not house.kill_database():
                continue
        elif not house.kill_worker(victim):
            continue
        killed.append(victim)
    house.until_settled(300)
    return killed


def main(arguments: list[str]) -> int:
    """Run one storm and say how it ended."""
    wanted = {"KILLS": 10, "SEED": 1, "RECORDS": 0}
    for argument in arguments:
        name, _, value = argument.partition("=")
        if name not in wanted or not value.isdigit():
            sys.stderr.write(f"usage: python -m tests.crash.run [KILLS=n] [SEED=n] [RECORDS=n], not {argument!r}\n")
            return 2
        wanted[name] = int(value)
    with House(records=wanted["RECORDS"] or max(600, 80 * wanted["KILLS"])) as house:
        killed = storm(house, wanted["KILLS"], wanted["SEED"])
        try:
            found = house.judge()
        except AssertionError as fault:
            sys.stdout.write(f"{fault}\n")
            sys.stdout.write(f"kills={len(killed)} NOT WHOLE\n")
            return 1
        balance = found["facts"]["balance"]
        sum_of_both = abs(balance["balance"]) + abs(balance["deliveries"]["balance"])
        sys.stdout.write(
            f"kills={len(killed)} lost={found['lost']} doubled={found['doubled']}"
            f" in_doubt={found['in_doubt']} balance={sum_of_both}\n"
        )
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
