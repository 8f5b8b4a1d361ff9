"""P2, P3, P4 over thousands of schedules: the product's protocols, a model around them, and a seed for each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


def _simulate(*arguments: str, timeout: float = 280) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 10_001])
def test_p4_ten_thousand_schedules_lose_nothing_and_double_nothing(seed: int) -> None:
    # given the protocols as they are
    # when ten thousand seeds decide who goes on, what breaks, and when (two tests, so that they may run side by side)
    done = _simulate("SCHEDULES=10000", f"SEED={seed}")
    # then no invariant is broken in any of them, and the last line says so
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == f"schedules=10000 violations=0 seed={seed}"


@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        ("no-intent", "P4"),
        ("no-look-up", "P4"),
        ("no-liveness", "P4"),
        ("no-sync", "P2"),
        ("no-claim", "P3"),
        ("no-patience", "P4"),
        ("stale-proof", "P4"),
        ("no-let-go", "never comes to rest"),
    ],
)
def test_planted_a_safeguard_taken_out_is_noticed_within_few_schedules(db: str, mutant: str, words: str) -> None:
    from simulation.schedules import first_failure, play, replay

    # given a program without one of its safeguards, when schedules are played, then one of the first breaks
    failure = first_failure(range(1, 3000), mutant)
    assert failure is not None, f"{mutant} was not noticed"
    assert words in failure.why
    # then the same seed breaks in the same way again, step by step, and is sound with the safeguard in its place
    again, steps = replay(failure.seed, mutant)
    assert again == failure
    assert replay(failure.seed, mutant) == (again, steps)
    assert len(steps) > 10
    assert play(failure.seed) is None


def test_a_failing_seed_is_told_with_its_steps_and_replays_from_the_terminal() -> None:
    # given a program that does not ask, when schedules are played from the terminal
    told = _simulate("SCHEDULES=200", "SEED=1", "MUTANT=no-look-up", "JOBS=1", timeout=100)
    # then it ends with what came of them, after the steps of the first that broke
    assert told.returncode == 1
    lines = told.stdout.splitlines()
    assert lines[-1].startswith("schedules=200 violations=")
    why = lines[-2]
    seed = why.split()[0].removeprefix("seed=")
    # when that seed is replayed, then exactly the same steps lead to it
    replayed = _simulate(f"REPLAY={seed}", "MUTANT=no-look-up", timeout=100).stdout.splitlines()
    assert replayed[-1] == why
    assert replayed == lines[-1 - len(replayed) : -1]
