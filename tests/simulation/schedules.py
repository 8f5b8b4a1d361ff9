"""Schedules in numbers, one after the other; a seed that fails can be looked at step by step."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.checks import Violation
from simulation.world import World


@dataclass(frozen=True, slots=True)
class Failure:
    """A schedule in which an invariant broke."""

    seed: int
    why: str


def play(seed: int, mutant: str = "") -> Failure | None:
    """One schedule."""
    try:
        World(seed, mutant).run()
    except Violation as broken:
        return Failure(seed, str(broken))
    return None


def first_failure(seeds: range, mutant: str = "") -> Failure | None:
    """The first schedule of ``seeds`` that breaks an invariant."""
    for seed in seeds:
        failure = play(seed, mutant)
        if failure is not None:
            return failure
    return None


def replay(seed: int, mutant: str = "") -> tuple[Failure | None, list[str]]:
    """The same schedule again, step by step."""
    world = World(seed, mutant, trace=True)
    failure = None
    try:
        world.run()
    except Violation as broken:
        failure = Failure(seed, str(broken))
    return failure, world.trace or []
