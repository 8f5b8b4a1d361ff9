"""Many schedules shared among processes, and the one line that tells what came of them."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

_BLOCK = 500


def boot() -> None:
    """Settings for imports only: nothing here ever connects to a database."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.project.settings")
    os.environ.setdefault("POSTROOM_SECRET_KEY", "simulation-" + "0" * 50)
    os.environ.setdefault("POSTROOM_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    import django

    django.setup()


def block(seeds: range, mutant: str) -> str:
    """The first failure among ``seeds``, told with its steps; empty when there is none."""
    from simulation.schedules import first_failure

    failure = first_failure(seeds, mutant)
    return f"{failure.seed} {failure.why}" if failure else ""


def tell(seed: int, mutant: str) -> None:
    from simulation.schedules import replay

    failure, steps = replay(seed, mutant)
    print("\n".join(steps))
    print(f"seed={seed} {failure.why if failure else 'nothing is wrong'}")


def main(arguments: list[str]) -> int:
    given = dict(argument.split("=", 1) for argument in arguments)
    mutant = given.get("MUTANT", "")
    boot()
    if "REPLAY" in given:
        tell(int(given["REPLAY"]), mutant)
        return 0
    schedules, seed = int(given.get("SCHEDULES", "20000")), int(given.get("SEED", "1"))
    jobs = int(given.get("JOBS", str(os.cpu_count() or 1)))
    blocks = [range(at, min(at + _BLOCK, seed + schedules)) for at in range(seed, seed + schedules, _BLOCK)]
    failures: list[str] = []
    with ProcessPoolExecutor(jobs, get_context("spawn"), boot) as pool:
        for failure in pool.map(block, blocks, [mutant] * len(blocks)):
            if failure:
                failures.append(failure)
    for failure in failures:
        print(failure)
    if failures:
        tell(int(failures[0].split()[0]), mutant)
    print(f"schedules={schedules} violations={len(failures)} seed={seed}")
    return 1 if failures else 0
